package app

import (
	"path/filepath"

	"relieftrail/gateway/internal/config"
	"relieftrail/gateway/internal/evidence"
	"relieftrail/gateway/internal/objectstore"
)

// openObjects opens the store of encrypted files and the desk for evidence. Without a key there are none.
func (a *App) openObjects() (l lifetime, err error) {
	if a.cfg.Objects.KeyFile == "" {
		return l, nil
	}
	if a.objects, err = openStore(a.cfg); err != nil {
		return l, err
	}
	a.evidence, err = evidence.Open(evidence.Options{
		Objects: a.objects, Index: a.index, Height: a.ledger.Height, Key: a.keys.subject,
		Path: filepath.Join(a.cfg.DataDir, "evidence.db"), Log: a.log,
	})
	if err != nil {
		return l, err
	}
	return lifetime{close: a.evidence.Close}, nil
}

func openStore(cfg *config.Config) (objectstore.Store, error) {
	o := &cfg.Objects
	dir := o.Dir
	if dir == "" {
		dir = filepath.Join(cfg.DataDir, "objects")
	}
	if o.S3.Endpoint == "" {
		return objectstore.OpenFolder(dir, o.KeyFile)
	}
	return objectstore.OpenS3(objectstore.S3Options{
		Endpoint: o.S3.Endpoint, Region: o.S3.Region, Bucket: o.S3.Bucket, Prefix: o.S3.Prefix,
		AccessKeyFile: o.S3.AccessKeyFile, SecretKeyFile: o.S3.SecretKeyFile, KeyFile: o.KeyFile, Dir: dir,
	})
}
