package mercadopago

import "math"

// Mercado Pago writes amounts as decimal numbers of reais, which the library keeps in floats. Every amount that money
// has, up to many billions, survives the way there and back, as a float is far closer to it than half a cent.

func toReais(cents int64) float64 { return float64(cents) / 100 }

func fromReais(reais float64) int64 { return int64(math.Round(reais * 100)) }
