// Renders the chart as `helm template` does, as far as this chart goes, with what Debian packages: Go's own templates,
// sprig's functions and a YAML library. It is there to check the chart where there is no helm.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run main.go CHART RELEASE [VALUES]
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/Masterminds/sprig"
	"gopkg.in/yaml.v3"
)

type values = map[string]interface{}

type files struct{ folder string }

func (of files) Get(name string) string {
	content, err := os.ReadFile(filepath.Join(of.folder, name))
	if err != nil {
		return ""
	}
	return string(content)
}

func main() {
	chart, release := os.Args[1], os.Args[2]
	given := readYaml(filepath.Join(chart, "values.yaml"))
	for _, path := range os.Args[3:] {
		merge(given, readYaml(path))
	}
	about := readYaml(filepath.Join(chart, "Chart.yaml"))
	data := values{
		"Values":  given,
		"Release": values{"Name": release, "Namespace": "default", "Service": "Helm"},
		"Chart":   values{"AppVersion": about["appVersion"], "Name": about["name"]},
		"Files":   files{chart},
	}
	paths, err := filepath.Glob(filepath.Join(chart, "templates", "*"))
	fail(err)
	for _, rendered := range render(paths, data) {
		fmt.Printf("---\n%s\n", rendered)
	}
}

func render(paths []string, data values) []string {
	all := template.New("chart").Option("missingkey=zero")
	functions := sprig.TxtFuncMap()
	functions["toYaml"] = toYaml
	functions["include"] = func(name string, data interface{}) (string, error) {
		var into bytes.Buffer
		err := all.ExecuteTemplate(&into, name, data)
		return into.String(), err
	}
	all.Funcs(functions)
	for _, path := range paths {
		content, err := os.ReadFile(path)
		fail(err)
		template.Must(all.New(filepath.Base(path)).Parse(string(content)))
	}
	var rendered []string
	for _, path := range paths {
		if filepath.Ext(path) != ".yaml" {
			continue
		}
		var into bytes.Buffer
		fail(all.ExecuteTemplate(&into, filepath.Base(path), data))
		rendered = append(rendered, into.String())
	}
	return rendered
}

func toYaml(value interface{}) (string, error) {
	text, err := yaml.Marshal(value)
	return strings.TrimSuffix(string(text), "\n"), err
}

func merge(into, from values) {
	for key, value := range from {
		inner, isMap := value.(values)
		known, wasMap := into[key].(values)
		if isMap && wasMap {
			merge(known, inner)
		} else {
			into[key] = value
		}
	}
}

func readYaml(path string) values {
	content, err := os.ReadFile(path)
	fail(err)
	read := values{}
	fail(yaml.Unmarshal(content, &read))
	return read
}

func fail(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
