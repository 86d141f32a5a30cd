package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// node gives a pod the volume's folder itself, by a bind mount.
type node struct {
	csi.UnimplementedNodeServer
	storage *storage
	name    string
}

func (n *node) NodePublishVolume(
	_ context.Context, r *csi.NodePublishVolumeRequest,
) (*csi.NodePublishVolumeResponse, error) {
	if found, err := n.storage.find(volumes, r.VolumeId); err != nil || found == nil {
		return nil, status.Errorf(codes.NotFound, "there is no volume %s", r.VolumeId)
	}
	data := n.storage.data(volumes, r.VolumeId)
	if err := os.MkdirAll(r.TargetPath, 0o750); err != nil {
		return nil, internal(err)
	}
	if mounted, err := same(data, r.TargetPath); mounted || err != nil {
		return &csi.NodePublishVolumeResponse{}, internal(err)
	}
	if err := syscall.Mount(data, r.TargetPath, "", syscall.MS_BIND, ""); err != nil {
		return nil, internal(err)
	}
	if r.Readonly { // a bind mount takes no other option at first
		flags := uintptr(syscall.MS_BIND | syscall.MS_REMOUNT | syscall.MS_RDONLY)
		if err := syscall.Mount("", r.TargetPath, "", flags, ""); err != nil {
			return nil, internal(errors.Join(err, syscall.Unmount(r.TargetPath, 0)))
		}
	}
	return &csi.NodePublishVolumeResponse{}, nil
}

func (n *node) NodeUnpublishVolume(
	_ context.Context, r *csi.NodeUnpublishVolumeRequest,
) (*csi.NodeUnpublishVolumeResponse, error) {
	err := syscall.Unmount(r.TargetPath, 0)
	if err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, fs.ErrNotExist) { // not mounted; nothing there
		return nil, internal(err)
	}
	if err := os.Remove(r.TargetPath); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, internal(err)
	}
	return &csi.NodeUnpublishVolumeResponse{}, nil
}

func (n *node) NodeGetInfo(context.Context, *csi.NodeGetInfoRequest) (*csi.NodeGetInfoResponse, error) {
	return &csi.NodeGetInfoResponse{NodeId: n.name}, nil
}

func (n *node) NodeGetCapabilities(
	context.Context, *csi.NodeGetCapabilitiesRequest,
) (*csi.NodeGetCapabilitiesResponse, error) {
	return &csi.NodeGetCapabilitiesResponse{}, nil
}

// same tells whether two paths lead to one folder.
func same(a, b string) (bool, error) {
	first, err := os.Stat(a)
	if err != nil {
		return false, err
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second), err
}
