// Presets is an application for the test of the operator's metric presets: what it tells at /metrics is the output of
// the libraries that these are named for, of the requests that it is sent.
//
//	/promhttp?status=503&seconds=5    measured by client_golang's promhttp, as its example of a middleware does
//	/otel?status=503&seconds=5        measured by OpenTelemetry's otelhttp
//	/grpc?code=NotFound               makes a call over TCP to its own gRPC server, measured by go-grpc-middleware
//	/probe                            the same as Kubernetes' gRPC probes do
//
// It prints the address that it listens on, and ends when its standard input does.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	grpcprom "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/examples/middleware/httpmiddleware"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

func main() {
	address := flag.String("address", "127.0.0.1:0", "where to listen; port 0 takes a free one")
	flag.Parse()
	registry := prometheus.NewRegistry()
	exporter, err := otelprom.New(otelprom.WithRegisterer(registry))
	check(err)
	calls := newCalls(registry)

	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.Handle("/promhttp",
		httpmiddleware.New(registry, prometheus.DefBuckets).WrapHandler("/promhttp", http.HandlerFunc(answer)))
	mux.Handle("/otel", otelhttp.NewHandler(http.HandlerFunc(answer), "shop",
		otelhttp.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(exporter)))))
	mux.HandleFunc("/grpc", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, calls.order(r.FormValue("code")))
	})
	mux.HandleFunc("/probe", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, calls.probe()) })

	listener, err := net.Listen("tcp", *address)
	check(err)
	fmt.Println(listener.Addr())
	go func() { log.Fatal(http.Serve(listener, mux)) }()
	io.Copy(io.Discard, os.Stdin)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// answer is the application behind the measured HTTP servers. It takes as long as it is told: that is what they measure.
func answer(w http.ResponseWriter, r *http.Request) {
	code, err := strconv.Atoi(r.FormValue("status"))
	check(err)
	seconds, _ := strconv.ParseFloat(r.FormValue("seconds"), 64)
	time.Sleep(time.Duration(seconds * float64(time.Second)))
	w.WriteHeader(code)
}

// calls has a gRPC server, and its only client.
type calls struct {
	connection *grpc.ClientConn
	one        sync.Mutex
	begun      chan struct{} // a call that its client gives up is with the application
	measured   chan struct{} // a call was counted: a client that gave up hears of nothing else
}

func newCalls(registry *prometheus.Registry) *calls {
	c := &calls{begun: make(chan struct{}), measured: make(chan struct{}, 1)}
	metrics := grpcprom.NewServerMetrics()
	registry.MustRegister(metrics)
	server := grpc.NewServer(grpc.ChainUnaryInterceptor(c.around, metrics.UnaryServerInterceptor()))
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "segue.e2e.Shop",
		HandlerType: (*any)(nil),
		Methods:     []grpc.MethodDesc{{MethodName: "Order", Handler: c.handle}},
	}, c)
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go func() { log.Fatal(server.Serve(listener)) }()
	c.connection, err = grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	check(err)
	return c
}

func (c *calls) around(ctx context.Context, in any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	defer func() { c.measured <- struct{}{} }()
	return next(ctx, in)
}

// handle is what protoc would have generated.
func (c *calls) handle(_ any, ctx context.Context, in func(any) error, next grpc.UnaryServerInterceptor) (any, error) {
	code := new(wrapperspb.StringValue)
	if err := in(code); err != nil {
		return nil, err
	}
	return next(ctx, code, &grpc.UnaryServerInfo{Server: c, FullMethod: "/segue.e2e.Shop/Order"}, c.serve)
}

// serve is the application: it fails with the code that it is told, in the way that applications come to it.
func (c *calls) serve(ctx context.Context, in any) (any, error) {
	switch name := in.(*wrapperspb.StringValue).Value; name {
	case codes.Canceled.String():
		c.begun <- struct{}{}
		<-ctx.Done()
		return nil, ctx.Err()
	case codes.DeadlineExceeded.String():
		soon, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		<-soon.Done()
		return nil, soon.Err()
	case codes.Unknown.String():
		return nil, errors.New("not a status")
	default:
		for code := codes.OK; code <= codes.Unauthenticated; code++ {
			if code.String() == name {
				return new(emptypb.Empty), status.Error(code, "as asked for")
			}
		}
		return nil, fmt.Errorf("there is no code %s", name)
	}
}

// order makes a call and tells its client's code when it has been measured.
func (c *calls) order(code string) codes.Code {
	return c.call(func(ctx context.Context, cancel func()) error {
		if code == codes.Canceled.String() {
			go func() {
				<-c.begun
				cancel()
			}()
		}
		return c.connection.Invoke(ctx, "/segue.e2e.Shop/Order", wrapperspb.String(code), new(emptypb.Empty))
	})
}

func (c *calls) probe() codes.Code {
	return c.call(func(ctx context.Context, _ func()) error {
		_, err := grpc_health_v1.NewHealthClient(c.connection).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
		return err
	})
}

func (c *calls) call(remote func(context.Context, func()) error) codes.Code {
	c.one.Lock()
	defer c.one.Unlock()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := remote(ctx, cancel)
	<-c.measured
	return status.Code(err)
}
