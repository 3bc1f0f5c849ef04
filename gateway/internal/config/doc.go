// Package config holds the settings of an agency's gateway. Load reads them once at the start; afterwards they do not
// change. It is the only user of viper in the gateway, and it knows no other part of the gateway: it checks what can be
// said of a setting by itself, and each part checks the settings that it is opened with.
//
// Secrets are never settings: they are kept in files, and a setting names the file's path.
package config
