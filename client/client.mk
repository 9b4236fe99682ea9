# The VS Code extension: check, package, and test in a real editor. Included by the Makefile; every path is from the root.
EXTENSION_VERSION = $(shell sed -n 's/^  "version": "\(.*\)",$$/\1/p' package.json)
VSIX = build/diptych-$(EXTENSION_VERSION).vsix
NODE_MODULES = node_modules/.package-lock.json
CLIENT_SOURCES = $(shell find client/src client/images client/scripts -type f) client/README.md package.json LICENSE $(wildcard CHANGELOG.md)
SERVER_SOURCES = $(shell find server/diptych rules -type f -not -path '*/__pycache__/*')

.PHONY: client-check client-test vsix test-editor test-vscode pictures

$(NODE_MODULES): package.json package-lock.json
	@command -v npm >/dev/null || { echo 'client: node 20 or newer with npm is missing; install it, then run make again' >&2; exit 1; }
	npm ci --ignore-scripts --no-audit --no-fund --loglevel=error \
	  || { echo 'client: npm could not install the packages of package-lock.json (is the npm registry reachable?)' >&2; exit 1; }
	@touch $@

client-check: $(NODE_MODULES) ## Formatting, lint and types of the extension.
	node_modules/.bin/biome check --error-on-warnings
	node_modules/.bin/tsc --noEmit -p client/tsconfig.json

client-test: $(NODE_MODULES) ## The extension's unit tests.
	node client/scripts/build.mjs --tests
	node --test --test-reporter=spec build/editor/unit/*.test.js

vsix: $(VSIX) ## Package the extension as build/diptych-VERSION.vsix.

$(VSIX): $(NODE_MODULES) $(CLIENT_SOURCES) $(SERVER_SOURCES)
	node client/scripts/build.mjs
	node client/scripts/package.mjs

# The real VS Code without its own download: code-server from npm, in Debian's Chromium.
test-editor: $(SETUP) vsix client-test ## The packaged extension in a real VS Code (code-server and Chromium).
	node tests/editor/install.mjs
	node --test --test-reporter=spec --test-concurrency=1 tests/editor/*.test.mjs

test-vscode: $(SETUP) $(NODE_MODULES) ## The Mocha suite in a VS Code that @vscode/test-cli downloads; it needs a display.
	node client/scripts/build.mjs --tests
	node_modules/.bin/vscode-test

pictures: $(SETUP) vsix ## Take the pictures of the walkthrough and the extension's README anew, in a real VS Code.
	node tests/editor/install.mjs
	node --test --test-reporter=spec tests/editor/verdicts.test.mjs
	cp build/screenshots/twin-light.png client/images/walkthrough/twin.png
	cp build/screenshots/divergence-light.png client/images/walkthrough/divergence.png
