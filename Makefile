.PHONY: help core document install test check strict shape fuzz demo bench ci full clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 12

document: ## write NAMESPACE and man/ from the comments in R/
	Rscript -e 'roxygen2::roxygenise()'

install: ## install the package into R's first library
	R CMD INSTALL --preclean --clean .

test: ## run all tests
	sh tools/test.sh

check: ## R CMD build and R CMD check --as-cran
	sh tools/check-package.sh

core: ## liblbfgsb.a, the solver without R: include inst/include/lbfgsb.h, link with -lm
	sh tools/core.sh

strict: ## the C core alone: warnings, writable data, tests under sanitizers
	sh tools/check-core.sh

shape: ## lines, parameters and nesting of functions; that only the owner writes
	sh tools/shape.sh

fuzz: ## the C core alone: a minute of hostile inputs, and one of damaged states
	sh tools/fuzz.sh core
	sh tools/fuzz.sh state

demo: ## fit a GARCH(1,1) to the DAX
	sh tools/demo.sh

bench: install ## measure the core, whole runs, and what is solved, against R's own and other packages
	for script in core overhead runs solved nograd; do Rscript bench/$$script.R || exit 1; done

ci: ## everything that must hold before a change is merged
	bash .ci/run

full: ## the long runs, and all tests with what is compiled from CRAN for the purpose
	bash .ci/full

clean: ## remove what the others leave behind
	rm -rf liblbfgsb.a src/*.o src/*.so *.Rcheck *.tar.gz garch.png
