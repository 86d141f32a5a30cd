// Still is an HTTP server for tests with hundreds of pods: it answers every request on port 8080 with 200 and
// nothing else, and ends at once on SIGTERM. It does not use net/http, which would triple its memory.
package main

import (
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"
)

const answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

func main() {
	listener, err := net.Listen("tcp", ":8080")
	if err != nil {
		fmt.Fprintln(os.Stderr, "still:", err)
		os.Exit(1)
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		<-stop
		os.Exit(0)
	}()
	for {
		connection, err := listener.Accept()
		if err != nil {
			continue
		}
		go serve(connection)
	}
}

// A client that starts on a busy machine takes seconds from connecting to sending: it is waited for, and others are not
// kept waiting meanwhile.
func serve(connection net.Conn) {
	defer connection.Close()
	connection.SetDeadline(time.Now().Add(30 * time.Second))
	request := make([]byte, 4096) // what comes here fits into one read
	if n, _ := connection.Read(request); n > 0 {
		connection.Write([]byte(answer))
	}
}
