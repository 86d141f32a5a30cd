// Files is an application with data, for tests of volumes: its files are in the folder /data.
//
//	files             an HTTP server on port 8080: PUT /NAME writes the file NAME, GET /NAME reads it
//	files read NAME   prints the file; its exit code is 1 when there is none
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	root, err := os.OpenRoot("/data")
	end(err)
	switch {
	case len(os.Args) == 1:
		stop := make(chan os.Signal, 1) // process 1 of a container has to ask for it
		signal.Notify(stop, syscall.SIGTERM)
		go func() {
			<-stop
			os.Exit(0)
		}()
		end(http.ListenAndServe(":8080", &files{root}))
	case len(os.Args) == 3 && os.Args[1] == "read":
		text, err := root.ReadFile(os.Args[2])
		end(err)
		os.Stdout.Write(text)
	default:
		end(errors.New("usage: files | files read NAME"))
	}
}

func end(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "files:", err)
		os.Exit(1)
	}
}

type files struct{ root *os.Root }

func (f *files) ServeHTTP(answer http.ResponseWriter, request *http.Request) {
	name := request.URL.Path[1:]
	switch request.Method {
	case http.MethodGet:
		text, err := f.root.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			http.Error(answer, "there is no file "+name, http.StatusNotFound)
			return
		}
		if err == nil {
			_, err = answer.Write(text)
		}
		refuse(answer, err)
	case http.MethodPut:
		text, err := io.ReadAll(request.Body)
		if err == nil {
			err = f.root.WriteFile(name, text, 0o644)
		}
		refuse(answer, err)
	default:
		http.Error(answer, "GET or PUT", http.StatusMethodNotAllowed)
	}
}

func refuse(answer http.ResponseWriter, err error) {
	if err != nil {
		http.Error(answer, err.Error(), http.StatusInternalServerError)
	}
}
