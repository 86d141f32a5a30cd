// CoreDNS with the few plugins that a cluster's own names need. There is no forwarder: pods of the
// test cluster have no way out, so every foreign name is answered with NXDOMAIN at once.
package main

import (
	"github.com/coredns/coredns/core/dnsserver"
	"github.com/coredns/coredns/coremain"
	_ "github.com/coredns/coredns/plugin/bind"
	_ "github.com/coredns/coredns/plugin/cache"
	_ "github.com/coredns/coredns/plugin/errors"
	_ "github.com/coredns/coredns/plugin/kubernetes"
	_ "github.com/coredns/coredns/plugin/ready"
	_ "github.com/coredns/coredns/plugin/template"
)

func main() {
	// The order is the order in which a query passes them: the template answers what is left.
	dnsserver.Directives = []string{"bind", "errors", "ready", "cache", "kubernetes", "template"}
	coremain.Run()
}
