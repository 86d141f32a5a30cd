// Driver of a CSI storage for tests: a volume is a folder, a snapshot is a copy of it. It registers itself with the
// kubelet, as node-driver-registrar would for it. The upstream sidecars, which speak to the API server, are pinned in
// go.mod as tools.
package main

import (
	"context"
	"flag"
	"log"
	"net"
	"os"
	"path/filepath"

	"github.com/container-storage-interface/spec/lib/go/csi"
	"google.golang.org/grpc"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

const name = "hostpath.csi.segue.dev"

func main() {
	log.SetFlags(log.Ltime | log.Lmicroseconds)
	folder := flag.String("folder", "", "where volumes and snapshots are kept")
	nodeName := flag.String("node", "", "the node's name")
	kubelet := flag.String("kubelet", "/var/lib/kubelet", "the kubelet's folder")
	flag.Parse()

	storage, err := openStorage(*folder)
	if err != nil {
		log.Fatal(err)
	}
	socket := filepath.Join(*kubelet, "plugins", name, "csi.sock")
	driver := grpc.NewServer(grpc.UnaryInterceptor(logged))
	csi.RegisterIdentityServer(driver, identity{})
	csi.RegisterControllerServer(driver, &controller{storage: storage})
	csi.RegisterNodeServer(driver, &node{storage: storage, name: *nodeName})
	listener := listen(socket)
	go func() { log.Fatal(driver.Serve(listener)) }()

	// The kubelet watches this folder; it is told only now, when the driver answers.
	registrar := grpc.NewServer()
	registration.RegisterRegistrationServer(registrar, &registrant{endpoint: socket})
	log.Fatal(registrar.Serve(listen(filepath.Join(*kubelet, "plugins_registry", name+"-reg.sock"))))
}

// listen also takes the place of a predecessor that was killed.
func listen(socket string) net.Listener {
	if err := os.MkdirAll(filepath.Dir(socket), 0o750); err != nil {
		log.Fatal(err)
	}
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
		log.Fatal(err)
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		log.Fatal(err)
	}
	return listener
}

func logged(ctx context.Context, request any, call *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	answer, err := handle(ctx, request)
	if err != nil {
		log.Printf("%s {%v}: %v", call.FullMethod, request, err)
	}
	return answer, err
}

type registrant struct {
	registration.UnimplementedRegistrationServer
	endpoint string
}

func (r *registrant) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type: registration.CSIPlugin, Name: name, Endpoint: r.endpoint, SupportedVersions: []string{"1.0.0"},
	}, nil
}

func (r *registrant) NotifyRegistrationStatus(
	_ context.Context, status *registration.RegistrationStatus,
) (*registration.RegistrationStatusResponse, error) {
	if !status.PluginRegistered {
		log.Fatal("the kubelet refuses the driver: ", status.Error)
	}
	log.Print("the kubelet knows the driver")
	return &registration.RegistrationStatusResponse{}, nil
}

type identity struct {
	csi.UnimplementedIdentityServer
}

func (identity) GetPluginInfo(context.Context, *csi.GetPluginInfoRequest) (*csi.GetPluginInfoResponse, error) {
	return &csi.GetPluginInfoResponse{Name: name, VendorVersion: "1"}, nil
}

func (identity) GetPluginCapabilities(
	context.Context, *csi.GetPluginCapabilitiesRequest,
) (*csi.GetPluginCapabilitiesResponse, error) {
	return &csi.GetPluginCapabilitiesResponse{Capabilities: []*csi.PluginCapability{{
		Type: &csi.PluginCapability_Service_{Service: &csi.PluginCapability_Service{
			Type: csi.PluginCapability_Service_CONTROLLER_SERVICE,
		}},
	}}}, nil
}

func (identity) Probe(context.Context, *csi.ProbeRequest) (*csi.ProbeResponse, error) {
	return &csi.ProbeResponse{}, nil
}
