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
PUBLISHED := artifacts/publish/Drover/release/drover

.PHONY: help up setup setup-test build publish test test-heavy check generate fmt bench install uninstall clean

help: ## list the verbs
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: setup publish ## install what is missing (asks first), build, run Drover on this machine
	@exec ./drover up

setup: ## the .NET SDK, a Docker Engine, SQLite: says what is missing and installs it after asking (YES=1: yes)
	@eng/setup.sh run

setup-test: ## the same and what the tests need besides
	@eng/setup.sh test

build: ## build everything, warnings are errors
	dotnet build -c $(CONFIGURATION) -nologo -v quiet

publish: ## the executable: trimmed, ReadyToRun, one file; leaves ./drover
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

bench: setup-test publish ## measure; results go to bench/results with machine, date and commit
	@eng/bench.sh

install: publish ## install the executable below PREFIX (/usr/local)
	install -D -m 0755 $(PUBLISHED) $(DESTDIR)$(PREFIX)/lib/drover/drover
	install -D -m 0644 $(dir $(PUBLISHED))libe_sqlite3.so $(DESTDIR)$(PREFIX)/lib/drover/libe_sqlite3.so
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)/etc/systemd/system
	ln -sf ../lib/drover/drover $(DESTDIR)$(PREFIX)/bin/drover
	sed 's|/usr/local/bin/drover|$(PREFIX)/bin/drover|' deploy/systemd/drover@.service \
	  | install -m 0644 /dev/stdin $(DESTDIR)/etc/systemd/system/drover@.service
	for role in host-agent up; do \
	  install -D -m 0644 -t $(DESTDIR)/etc/systemd/system/drover@$$role.service.d \
	    deploy/systemd/drover@$$role.service.d/*.conf; done
	install -D -m 0644 deploy/systemd/drover.sysusers.conf $(DESTDIR)/usr/lib/sysusers.d/drover.conf

uninstall: ## take away what install put there; data stays
	rm -f $(DESTDIR)$(PREFIX)/bin/drover $(DESTDIR)/etc/systemd/system/drover@.service $(DESTDIR)/usr/lib/sysusers.d/drover.conf
	rm -rf $(DESTDIR)$(PREFIX)/lib/drover $(DESTDIR)/etc/systemd/system/drover@{host-agent,up}.service.d

clean: ## remove what was built
	rm -rf artifacts drover
