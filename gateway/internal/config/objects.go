package config

import "net/url"

// Objects says where files are kept encrypted: in a folder, or in a bucket when s3.endpoint is set. Without a key no
// files are kept.
type Objects struct {
	Dir     string    `mapstructure:"dir"`      // data_dir/objects when empty; with a bucket: where files wait to be sent
	KeyFile string    `mapstructure:"key_file"` // age identities, as age-keygen writes them: the first one encrypts, all decrypt
	S3      ObjectsS3 `mapstructure:"s3"`
}

// ObjectsS3 is a bucket of an S3-compatible server, which sees ciphertext only.
type ObjectsS3 struct {
	Endpoint      string `mapstructure:"endpoint"` // https://host:port; http on a loopback address only
	Region        string `mapstructure:"region"`
	Bucket        string `mapstructure:"bucket"` // must exist
	Prefix        string `mapstructure:"prefix"` // of the names of objects
	AccessKeyFile string `mapstructure:"access_key_file"`
	SecretKeyFile string `mapstructure:"secret_key_file"`
}

func (c *Config) validateObjects(faults *faults) {
	s := &c.Objects.S3
	if s.Endpoint == "" {
		return
	}
	u, err := url.Parse(s.Endpoint)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || !Loopback(u.Host)) {
		faults.add("objects.s3.endpoint: must be https://host:port, or http://host:port of a loopback address")
	}
	faults.required("objects.key_file", c.Objects.KeyFile)
	faults.required("objects.s3.bucket", s.Bucket)
	faults.required("objects.s3.access_key_file", s.AccessKeyFile)
	faults.required("objects.s3.secret_key_file", s.SecretKeyFile)
}
