// Pause is the process that holds a pod's namespaces open, and packs itself, or another static program,
// into a container image. The same program does both, so that the cluster needs neither an image registry
// nor a C compiler.
//
//	pause                               waits for SIGTERM or SIGINT and reaps orphans (it is the pod's process 1)
//	pause image PROGRAM FILE NAME...    writes an OCI image tar with the program as its only file, under these names
package main

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"runtime"
	"syscall"
)

func main() {
	if len(os.Args) == 1 {
		pause()
		return
	}
	if len(os.Args) < 5 || os.Args[1] != "image" {
		fmt.Fprintln(os.Stderr, "usage: pause | pause image PROGRAM FILE NAME...")
		os.Exit(2)
	}
	if err := writeImage(os.Args[2], os.Args[3], os.Args[4:]); err != nil {
		fmt.Fprintln(os.Stderr, "pause: cannot write the image:", err)
		os.Exit(1)
	}
}

func pause() {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGCHLD)
	for received := range signals {
		if received != syscall.SIGCHLD {
			return
		}
		for {
			if pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
	}
}

type object = map[string]any

func writeImage(program, file string, names []string) error {
	content, err := os.ReadFile(program)
	if err != nil {
		return err
	}
	layer, err := archive(entry{"program", content, 0o755})
	if err != nil {
		return err
	}

	var blobs []entry
	blob := func(mediaType string, content []byte) object {
		sum := fmt.Sprintf("%x", sha256.Sum256(content))
		blobs = append(blobs, entry{"blobs/sha256/" + sum, content, 0o644})
		return object{"mediaType": mediaType, "digest": "sha256:" + sum, "size": len(content)}
	}
	document := func(value object) []byte {
		text, _ := json.Marshal(value) // maps of strings and numbers always marshal
		return text
	}

	layerBlob := blob("application/vnd.oci.image.layer.v1.tar", layer)
	config := blob("application/vnd.oci.image.config.v1+json", document(object{
		"os": runtime.GOOS, "architecture": runtime.GOARCH,
		"config": object{"Entrypoint": []string{"/program"}, "User": "65535:65535", "WorkingDir": "/"},
		"rootfs": object{"type": "layers", "diff_ids": []any{layerBlob["digest"]}},
	}))
	manifest := blob("application/vnd.oci.image.manifest.v1+json", document(object{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": config, "layers": []object{layerBlob},
	}))
	var named []object
	for _, name := range names {
		entry := maps.Clone(manifest)
		entry["annotations"] = object{"io.containerd.image.name": name}
		named = append(named, entry)
	}
	index := document(object{"schemaVersion": 2, "manifests": named})

	image, err := archive(append(blobs,
		entry{"oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644},
		entry{"index.json", index, 0o644})...)
	if err != nil {
		return err
	}
	return os.WriteFile(file, image, 0o644)
}

type entry struct {
	name    string
	content []byte
	mode    int64
}

func archive(entries ...entry) ([]byte, error) {
	var out bytes.Buffer
	writer := tar.NewWriter(&out)
	for _, e := range entries {
		header := &tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.content)), Typeflag: tar.TypeReg}
		if err := writer.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := writer.Write(e.content); err != nil {
			return nil, err
		}
	}
	err := writer.Close()
	return out.Bytes(), err
}
