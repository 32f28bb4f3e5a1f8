# The core against R's own, both called from C with the same objective in C: microseconds an iteration
# outside the objective. Writes bench/core.md and bench/core.png. Usage: Rscript bench/core.R [n ...]

sizes <- as.numeric(commandArgs(TRUE))
if (length(sizes) == 0) sizes <- 10^(1:6)
boxes <- c("all free", "half at bounds", "no bounds")

# Compiles bench/core.c with the core's sources as R would, and loads it.
load_core <- function() {
  build <- file.path(tempfile("bench"))
  dir.create(build)
  sources <- setdiff(list.files("src", "[.]c$"), list.files("src", "^r_"))
  file.copy(file.path("src", c(sources, list.files("src", "[.]h$"))), build)
  file.copy("bench/core.c", file.path(build, "bench_core.c"))
  flags <- paste0("PKG_CPPFLAGS=-I", shQuote(normalizePath("inst/include")))
  objects <- c("bench_core.c", sources)
  old <- setwd(build)
  on.exit(setwd(old))
  status <- system2(file.path(R.home("bin"), "R"), c("CMD SHLIB -o core.so", objects), env = flags, stdout = FALSE)
  stopifnot(status == 0)
  dyn.load(file.path(build, "core.so"))
}

# Doubles that an iteration moves for one variable: both passes read 2m columns; the first reads x, g and
# their predecessors, the bounds, and writes y, s, g and the breakpoints; the second reads x, g and the
# bounds and writes the trial and the direction; the line search reads g and the direction.
doubles_moved <- function(m) (2 * m + 10) + (2 * m + 6) + 2

measure <- function(n, m, box) {
  iterations <- if (n <= 100) 40L else 60L
  condition <- if (n <= 100) 1e5 else 1e3 # neither core is done before
  run <- function(R) .Call("bench_run", n, m, box, iterations, condition, R)
  repeats <- min(201, max(3, ceiling(1e5 / n)))
  times <- replicate(repeats, c(core = run(FALSE), R = run(TRUE)))
  memory <- .Call("bench_memory", n, m)
  stream <- replicate(repeats, .Call("bench_stream", n * memory, n * doubles_moved(m)))
  data.frame(n = n, m = m, box = boxes[box + 1], core = median(times["core1", ]), R = median(times["R1", ]),
             ratio = median(times["R1", ] / times["core1", ]), stream = median(stream),
             megabytes = 8e-6 * n * doubles_moved(m), evaluations = times["core2", 1],
             R_evaluations = times["R2", 1], memory = memory)
}

machine <- function() {
  cpu <- tryCatch(grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)[1], error = function(e) NULL)
  compiler <- system2(file.path(R.home("bin"), "R"), c("CMD", "config", "CC"), stdout = TRUE)
  version <- system(paste(compiler, "--version"), intern = TRUE)[1]
  package <- read.dcf("DESCRIPTION", "Version")
  paste0("lbfgsb ", package, ", ", R.version.string, ", ", version, ", ", Sys.info()[["sysname"]], " ",
         Sys.info()[["machine"]], ", ", sub(".*: ", "", cpu), ", one thread, ", Sys.Date())
}

write_table <- function(table, file) {
  columns <- c("n", "m", "box", "core, us", "R's, us", "R's / core", "moved, MB", "streamed in, us",
               "evaluations", "R's", "doubles a variable")
  rows <- with(table, sprintf("%g | %g | %s | %.3g | %.3g | %.2f | %.3g | %.3g | %g | %g | %.1f", n, m, box, core, R,
                              ratio, megabytes, stream, evaluations, R_evaluations, memory))
  lines <- c(
    "# The core against R's own", "",
    "Time of an iteration outside the objective, medians of alternating runs in one session. *moved*: what",
    "the two passes and the line search read and write; *streamed in*: the time to read as many bytes of as",
    "large a block. *doubles a variable*: the state's size.", "", machine(), "",
    paste("|", paste(columns, collapse = " | "), "|"), paste0("|", strrep(" --- |", length(columns))),
    paste("|", rows, "|")
  )
  writeLines(lines, file)
}

draw <- function(table, file) {
  table <- table[table$m == 10, ]
  png(file, width = 1500, height = 550, res = 110)
  par(mfrow = c(1, 3), mar = c(4, 5, 2, 1), mgp = c(3.5, 0.8, 0), las = 1)
  for (box in boxes) {
    here <- table[table$box == box, ]
    matplot(here$n, here[c("R", "core", "stream")], log = "xy", type = "b", pch = c(1, 19, NA), lty = c(2, 1, 3),
            col = c("grey40", "firebrick", "grey40"), main = box, xlab = "variables",
            ylab = "microseconds an iteration", ylim = range(table[c("R", "core", "stream")]))
    legend("topleft", c("R's core", "this core", "streaming the same bytes"), pch = c(1, 19, NA), lty = c(2, 1, 3),
           col = c("grey40", "firebrick", "grey40"), bty = "n")
  }
  invisible(dev.off())
}

load_core()
configurations <- expand.grid(box = seq_along(boxes) - 1L, m = c(10L, 5L, 20L), n = sizes)
configurations <- subset(configurations, m == 10 | n %in% c(1e3, 1e5))
table <- do.call(rbind, Map(measure, configurations$n, configurations$m, configurations$box))
table <- table[order(table$m != 10, table$m, table$n), ]
write_table(table, "bench/core.md")
draw(table, "bench/core.png")
cat(readLines("bench/core.md"), sep = "\n")
