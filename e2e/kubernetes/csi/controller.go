package main

import (
	"context"
	"sync"
	"time"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// controller makes and removes volumes and snapshots. Every call may be repeated, as CSI demands.
//
// Parameters of a VolumeSnapshotClass, to test what storages do:
//
//	fail: MESSAGE          no snapshot is made
//	readyAfter: DURATION   the snapshot is cut at once and is ready only later, as where it is uploaded first
type controller struct {
	csi.UnimplementedControllerServer
	mutex   sync.Mutex
	storage *storage
}

func (c *controller) CreateVolume(_ context.Context, r *csi.CreateVolumeRequest) (*csi.CreateVolumeResponse, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if err := wellFormed(r.Name, r.VolumeCapabilities); err != nil {
		return nil, err
	}
	snapshot := r.GetVolumeContentSource().GetSnapshot().GetSnapshotId()
	if r.VolumeContentSource != nil && snapshot == "" {
		return nil, status.Error(codes.InvalidArgument, "a volume is made from nothing or from a snapshot")
	}
	wanted := about{Bytes: max(r.GetCapacityRange().GetRequiredBytes(), 1), Source: snapshot, Created: time.Now()}
	found, err := c.storage.find(volumes, r.Name)
	if err != nil {
		return nil, internal(err)
	}
	if found == nil {
		from := ""
		if snapshot != "" {
			source, err := c.storage.find(snapshots, snapshot)
			switch {
			case err != nil:
				return nil, internal(err)
			case source == nil:
				return nil, status.Errorf(codes.NotFound, "there is no snapshot %s", snapshot)
			case time.Now().Before(source.Ready):
				return nil, status.Errorf(codes.Unavailable, "the snapshot %s is not ready", snapshot)
			case wanted.Bytes < source.Bytes:
				return nil, status.Errorf(codes.OutOfRange, "the snapshot %s needs %d bytes", snapshot, source.Bytes)
			}
			from = c.storage.data(snapshots, snapshot)
		}
		if err := c.storage.make(volumes, r.Name, wanted, from); err != nil {
			return nil, internal(err)
		}
	} else if found.Bytes != wanted.Bytes || found.Source != wanted.Source {
		return nil, status.Errorf(codes.AlreadyExists, "the volume %s was made otherwise", r.Name)
	}
	return &csi.CreateVolumeResponse{Volume: &csi.Volume{
		VolumeId: r.Name, CapacityBytes: wanted.Bytes, ContentSource: r.VolumeContentSource,
	}}, nil
}

func (c *controller) DeleteVolume(_ context.Context, r *csi.DeleteVolumeRequest) (*csi.DeleteVolumeResponse, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return &csi.DeleteVolumeResponse{}, internal(c.storage.remove(volumes, r.VolumeId))
}

func (c *controller) CreateSnapshot(
	_ context.Context, r *csi.CreateSnapshotRequest,
) (*csi.CreateSnapshotResponse, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if !valid.MatchString(r.Name) {
		return nil, status.Errorf(codes.InvalidArgument, "the name %q", r.Name)
	}
	if message := r.Parameters["fail"]; message != "" {
		return nil, status.Error(codes.Internal, message)
	}
	var delay time.Duration
	if text := r.Parameters["readyAfter"]; text != "" {
		var err error
		if delay, err = time.ParseDuration(text); err != nil {
			return nil, status.Errorf(codes.InvalidArgument, "readyAfter: %v", err)
		}
	}
	found, err := c.storage.find(snapshots, r.Name)
	if err != nil {
		return nil, internal(err)
	}
	if found == nil {
		volume, err := c.storage.find(volumes, r.SourceVolumeId)
		if err != nil {
			return nil, internal(err)
		}
		if volume == nil {
			return nil, status.Errorf(codes.NotFound, "there is no volume %s", r.SourceVolumeId)
		}
		now := time.Now()
		found = &about{Bytes: volume.Bytes, Source: r.SourceVolumeId, Created: now, Ready: now.Add(delay)}
		if err := c.storage.make(snapshots, r.Name, *found, c.storage.data(volumes, r.SourceVolumeId)); err != nil {
			return nil, internal(err)
		}
	} else if found.Source != r.SourceVolumeId {
		return nil, status.Errorf(codes.AlreadyExists, "the snapshot %s is one of %s", r.Name, found.Source)
	}
	return &csi.CreateSnapshotResponse{Snapshot: described(r.Name, found)}, nil
}

func (c *controller) DeleteSnapshot(
	_ context.Context, r *csi.DeleteSnapshotRequest,
) (*csi.DeleteSnapshotResponse, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return &csi.DeleteSnapshotResponse{}, internal(c.storage.remove(snapshots, r.SnapshotId))
}

// ListSnapshots tells the sidecar whether the handle of a pre-provisioned VolumeSnapshotContent exists.
func (c *controller) ListSnapshots(
	_ context.Context, r *csi.ListSnapshotsRequest,
) (*csi.ListSnapshotsResponse, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if r.StartingToken != "" {
		return nil, status.Error(codes.Aborted, "the list has one page")
	}
	ids, err := c.storage.ids(snapshots)
	if err != nil {
		return nil, internal(err)
	}
	answer := &csi.ListSnapshotsResponse{}
	for _, id := range ids {
		if r.SnapshotId != "" && r.SnapshotId != id {
			continue
		}
		found, err := c.storage.find(snapshots, id)
		if err != nil {
			return nil, internal(err)
		}
		if found != nil && (r.SourceVolumeId == "" || r.SourceVolumeId == found.Source) {
			answer.Entries = append(answer.Entries, &csi.ListSnapshotsResponse_Entry{Snapshot: described(id, found)})
		}
	}
	return answer, nil
}

func (c *controller) ValidateVolumeCapabilities(
	_ context.Context, r *csi.ValidateVolumeCapabilitiesRequest,
) (*csi.ValidateVolumeCapabilitiesResponse, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if found, err := c.storage.find(volumes, r.VolumeId); err != nil || found == nil {
		return nil, status.Errorf(codes.NotFound, "there is no volume %s", r.VolumeId)
	}
	if err := wellFormed(r.VolumeId, r.VolumeCapabilities); err != nil {
		return &csi.ValidateVolumeCapabilitiesResponse{Message: err.Error()}, nil
	}
	return &csi.ValidateVolumeCapabilitiesResponse{
		Confirmed: &csi.ValidateVolumeCapabilitiesResponse_Confirmed{VolumeCapabilities: r.VolumeCapabilities},
	}, nil
}

func (c *controller) ControllerGetCapabilities(
	context.Context, *csi.ControllerGetCapabilitiesRequest,
) (*csi.ControllerGetCapabilitiesResponse, error) {
	answer := &csi.ControllerGetCapabilitiesResponse{}
	for _, capability := range []csi.ControllerServiceCapability_RPC_Type{
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_VOLUME,
		csi.ControllerServiceCapability_RPC_CREATE_DELETE_SNAPSHOT,
		csi.ControllerServiceCapability_RPC_LIST_SNAPSHOTS,
	} {
		answer.Capabilities = append(answer.Capabilities, &csi.ControllerServiceCapability{
			Type: &csi.ControllerServiceCapability_Rpc{Rpc: &csi.ControllerServiceCapability_RPC{Type: capability}},
		})
	}
	return answer, nil
}

func described(id string, a *about) *csi.Snapshot {
	return &csi.Snapshot{
		SnapshotId: id, SourceVolumeId: a.Source, SizeBytes: a.Bytes,
		CreationTime: timestamppb.New(a.Created), ReadyToUse: !time.Now().Before(a.Ready),
	}
}

func wellFormed(name string, capabilities []*csi.VolumeCapability) error {
	if !valid.MatchString(name) {
		return status.Errorf(codes.InvalidArgument, "the name %q", name)
	}
	if len(capabilities) == 0 {
		return status.Error(codes.InvalidArgument, "no capability of the volume is asked for")
	}
	for _, capability := range capabilities {
		if capability.GetMount() == nil {
			return status.Error(codes.InvalidArgument, "a volume is a folder, not a block device")
		}
	}
	return nil
}

func internal(err error) error {
	if err == nil {
		return nil
	}
	return status.Error(codes.Internal, err.Error())
}
