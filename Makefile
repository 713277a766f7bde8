# Every verb a person needs. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
CONFIGURATION ?= Release
PREFIX ?= /usr/local
DESTDIR ?=
# The SDK asks for ICU, which a bare machine lacks and nothing here uses.
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT ?= 1
export DOTNET_CLI_TELEMETRY_OPTOUT ?= 1
export DOTNET_NOLOGO ?= 1

.PHONY: help up setup setup-test setup-bench build publish test test-heavy check generate fmt bench install uninstall clean

help: ## list the verbs
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: setup publish ## install what is missing (asks first), build, run Drover on this machine
	@exec ./drover up

setup: ## the .NET SDK, a Docker Engine, SQLite: says what is missing and installs it after asking (YES=1: yes)
	@eng/setup.sh run

setup-test: ## the same and what the tests need besides
	@eng/setup.sh test

setup-bench: ## the same and the peers that `make bench` measures beside
	@eng/setup.sh bench

build: ## build everything, warnings are errors
	dotnet build -c $(CONFIGURATION) -nologo -v quiet

publish: ## the executable (trimmed, ReadyToRun, one file) as ./drover, and the archive to ship
	@eng/publish.sh

test: setup-test build publish ## every test but the heavy tier; the last line is the count
	@eng/test.sh light

test-heavy: setup-test build publish ## the heavy tier
	@eng/test.sh heavy

check: ## shell scripts and the layout of the code, without changing anything
	@eng/check.sh

generate: publish ## write docs/reference from the types
	./drover internal docs --out docs/reference

fmt: ## lay out the code as .editorconfig says
	dotnet format whitespace --no-restore

bench: setup-bench publish ## measure; results go to bench/results with machine, date and commit
	@eng/bench.sh

install: publish ## install below PREFIX (/usr/local), as the archive's own install.sh does
	@work=$$(mktemp -d) && trap 'rm -rf "$$work"' EXIT \
	  && tar -xzf artifacts/publish/drover-*-linux-x64.tar.gz -C "$$work" --strip-components=1 \
	  && PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) "$$work/install.sh"

uninstall: ## take away what install put there; data stays
	@PREFIX=$(PREFIX) DESTDIR=$(DESTDIR) deploy/archive/uninstall.sh

clean: ## remove what was built
	rm -rf artifacts drover
