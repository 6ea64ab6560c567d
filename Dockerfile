FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
# The image has no history of its own to read a version from: docker build --build-arg VERSION=$(git describe --tags --always --dirty)
ARG VERSION=
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w -X guiche/app.builtVersion=$VERSION" -o /guiche .

# Certificates, time zones and a user without rights; no shell.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /guiche /guiche
EXPOSE 8080
ENTRYPOINT ["/guiche"]
CMD ["help"]
