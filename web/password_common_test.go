package web

import (
	"testing"

	"golang.org/x/text/unicode/norm"

	"guiche/views"
)

func TestPasswordsThatAreTriedFirstAreRefused(t *testing.T) {
	for password, says := range map[string]views.Message{
		"12345678": views.PasswordCommon, "password": views.PasswordCommon, "senha123": views.PasswordCommon,
		"Senha@2026": views.PasswordCommon, "p@ssw0rd": views.PasswordCommon, "P@$$w0rd!": views.PasswordCommon, "aaaaaaaa": views.PasswordCommon,
		"87654321": views.PasswordCommon, "25121990": views.PasswordCommon, "qwertyuiop": views.PasswordCommon,
		"flamengo1981": views.PasswordCommon, "meuamor!!": views.PasswordCommon, "brasil-brasil": views.PasswordCommon,
		"iloveyou1": views.PasswordCommon, "Coração123": views.PasswordCommon, "abcdefghijk": views.PasswordCommon,
		"123senha123": views.PasswordCommon, "!!!!!!!!!?": views.PasswordCommon, "53nh4f0rt3": views.PasswordCommon,
		"Luísa-na-serra": views.PasswordPersonal, "vou de luisa 99": views.PasswordPersonal, "bia.souza@guiche.test": views.PasswordPersonal,
		"minha do guichê": views.PasswordPersonal, "x BIA.SOUZA x": views.PasswordPersonal,
		"1234567": views.PasswordShort(PasswordShortest),
	} {
		form := views.NewForm(nil)
		checkPassword(&form, password, "Ana Luísa", "bia.souza@guiche.test")
		if got := form.Error("password"); got != says {
			t.Errorf("%q: %+v", password, got)
		}
	}
	for _, password := range []string{
		"correct horse", "another horse", "Coração-de-mãe-12", "rabeca e sanfona", "k8#vQz!m", "o gato subiu no muro", "ana foi à feira",
	} {
		form := views.NewForm(nil)
		checkPassword(&form, password, "Ana Luísa", "bia.souza@guiche.test")
		if !form.OK() {
			t.Errorf("%q: %+v", password, form.Error("password"))
		}
	}
}

func TestAPasswordIsTheSameOnEveryDevice(t *testing.T) {
	composed, decomposed := norm.NFC.String("Coração-de-mãe-12"), norm.NFD.String("Coração-de-mãe-12")
	h := newHasher()
	for _, stored := range []string{composed, decomposed} {
		hash, err := HashPassword(stored)
		if err != nil {
			t.Fatal(err)
		}
		before, err := hashText(stored) // as it was hashed before anything was normalised
		if err != nil {
			t.Fatal(err)
		}
		for _, typed := range []string{composed, decomposed} {
			for _, known := range []string{hash, before} {
				if fits, err := h.fits(t.Context(), source{}, typed, known); err != nil || !fits {
					t.Errorf("stored %+q, typed %+q: %v, %v", stored, typed, fits, err)
				}
			}
		}
		if fits, err := h.fits(t.Context(), source{}, "Coracao-de-mae-12", hash); err != nil || fits {
			t.Errorf("another password fits: %v", err)
		}
	}
}
