// Libraries of others that read what this project writes. They are a module of their own because nothing that is shipped links them.
module relieftrail/network/thirdparty

go 1.26

require (
	filippo.io/torchwood v0.9.0
	github.com/moov-io/iso20022 v0.2.1
	github.com/stretchr/testify v1.12.1
	golang.org/x/mod v0.31.0
)

require (
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/crypto v0.46.0 // indirect
	golang.org/x/sync v0.19.0 // indirect
)
