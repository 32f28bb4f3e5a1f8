# The core against R's own, both called from C with the same objective in C: microseconds an iteration
# outside the objective; with two threads, and up to ten million variables. Writes bench/core.md,
# man/figures/core.png and README's table. Usage: Rscript bench/core.R [n ...]; with sizes it only prints.

source("bench/machine.R")
source("bench/build.R")

given <- as.numeric(commandArgs(TRUE))
sizes <- if (length(given) > 0) given else 10^(1:6)
boxes <- c("all free", "half at bounds", "no bounds", "half, own bounds") # 0 to 3 for C
shown <- boxes[1:3] # in README and its picture

# Doubles that an iteration moves for one variable: both passes read 2m columns, but where there are many
# blocks of rows nothing of variables at rest on bounds, and the bounds, but of those that all variables share
# only one block's; the first also reads x, g and their predecessors, and writes y, s and g; the second reads x
# and g and writes the trial and the direction; the line search reads g and the direction.
doubles_moved <- function(n, m, box) {
  columns <- 2 * m * if (startsWith(boxes[box + 1], "half") && n > 128) 0.5 else 1
  bounds <- if (boxes[box + 1] == "half, own bounds" || n < 128) 2 else 0
  2 * (columns + bounds) + 7 + 4 + 2
}

# Microseconds an iteration outside the objective, and the evaluations. threads: 0 for R's core.
run <- function(n, box, threads = 1L, m = 10L, iterations = if (n <= 100) 40L else 60L, wall = FALSE) {
  condition <- if (n <= 100) 1e5 else 1e3 # neither core is done before
  .Call("bench_run", n, m, box, iterations, condition, threads, wall)
}

repeats <- function(n) min(201, max(3, ceiling(1e5 / n)))

against_R <- function(n, m, box) {
  times <- replicate(repeats(n), c(core = run(n, box, 1L, m), R = run(n, box, 0L, m)))
  memory <- .Call("bench_memory", n, m)
  stream <- replicate(repeats(n), .Call("bench_stream", n * memory, n * doubles_moved(n, m, box)))
  data.frame(n = n, m = m, box = boxes[box + 1], core = median(times["core1", ]), R = median(times["R1", ]),
             ratio = median(times["R1", ] / times["core1", ]), stream = median(stream),
             megabytes = 8e-6 * n * doubles_moved(n, m, box), evaluations = times["core2", 1],
             R_evaluations = times["R2", 1])
}

# Two threads; and, in the same rounds, what the machine's memory allows: two processes at once, each with a
# run of its own.
by_threads <- function(n, box) {
  timed <- function(threads) run(n, box, threads, wall = TRUE)[1]
  at_once <- function() {
    jobs <- lapply(1:2, function(i) parallel::mcparallel(timed(1L)))
    mean(unlist(parallel::mccollect(jobs)))
  }
  times <- replicate(11, c(one = timed(1L), two = timed(2L), processes = at_once()))
  one <- times["one", ]
  data.frame(n = n, box = boxes[box + 1], one = median(one), two = median(times["two", ]),
             ratio = median(one / times["two", ]), processes = median(2 * one / times["processes", ]))
}

# Half of the variables meet their bounds in the first iterations; milliseconds since the start.
at_start <- function(n, iterations) {
  times <- replicate(5, c(core = run(n, 1L, 1L, iterations = iterations)[1],
                          R = run(n, 1L, 0L, iterations = iterations)[1]) * iterations / 1000)
  data.frame(n = n, iterations = iterations, core = median(times["core", ]), R = median(times["R", ]),
             ratio = median(times["core", ] / times["R", ]))
}

# Nanoseconds that an iteration takes for one variable, of equally many: the first ones are dearer.
growth <- function(n) {
  times <- replicate(max(3, min(11, ceiling(1e6 / n))), run(n, 1L)[1])
  data.frame(n = n, time = 1000 * median(times) / n)
}

# Doubles a variable that a run needs in a process of its own: the most that it held at the end, less what
# before and less the problem's own vectors; NA where pages and libraries are most of it. To be called before
# this process has held more.
peak_memory <- function(n) {
  problem <- 5.5
  if (n < 1e5) return(data.frame(memory = NA, promised = NA))
  peak <- parallel::mccollect(parallel::mcparallel({
    before <- .Call("bench_peak")
    run(n, 1L, iterations = 15L)
    .Call("bench_peak") - before
  }))[[1]]
  data.frame(memory = peak / 8 / n - problem, promised = 2 * 10 + 13)
}

# Rows of a table in Markdown: columns of `table`, each in its format, under `headings`.
markdown <- function(table, formats, headings) {
  cells <- Map(function(column, format) ifelse(is.na(column), "", sprintf(format, column)), table, formats)
  c(paste("|", paste(headings, collapse = " | "), "|"), paste0("|", strrep(" --- |", length(headings))),
    paste("|", do.call(paste, c(unname(cells), sep = " | ")), "|"))
}

describe <- function(tables) {
  c(
    "# The core against R's own", "",
    "Time of an iteration outside the objective, medians of alternating runs in one session. *moved*: what",
    "the two passes and the line search read and write; *streamed in*: the time to read as many bytes of as",
    "large a block. Bounds are the same for all variables, but in *half, own bounds*, where every other has",
    "its own.", "", machine(), "",
    markdown(tables$against_R, c("%g", "%g", "%s", "%.3g", "%.3g", "%.2f", "%.3g", "%.3g", "%g", "%g"),
             c("n", "m", "box", "core, us", "R's, us", "R's / core", "streamed in, us", "moved, MB",
               "evaluations", "R's")), "",
    "## Two threads", "",
    "By the clock on the wall. *two processes*: how many times as much as one alone do two that run at once,",
    "each by one thread: more than that the machine does not give.", "",
    markdown(tables$by_threads, c("%g", "%s", "%.4g", "%.4g", "%.2f", "%.2f"),
             c("n", "box", "one thread, us", "two, us", "one / two", "two processes")), "",
    "## A start from which half of the variables meet a bound", "",
    "The time from the start on, outside the objective.", "",
    markdown(tables$at_start, c("%g", "%g", "%.4g", "%.4g", "%.2f"),
             c("n", "iterations", "core, ms", "R's, ms", "core / R's")), "",
    "## From a thousand to ten million", "",
    "Half at bounds, m = 10. *memory*: by the largest resident size of a process that runs nothing else, the",
    "vectors of the problem taken off.", "",
    markdown(tables$growth, c("%g", "%.2f", "%.1f", "%g"),
             c("n", "ns an iteration and variable", "memory, doubles a variable", "promised at most"))
  )
}

# README shows the ratios of the first table at m = 10, between two comments.
write_readme <- function(table, file) {
  table <- table[table$m == 10, ]
  ratios <- tapply(table$ratio, list(table$n, factor(table$box, shown)), identity)
  sizes <- format(as.numeric(rownames(ratios)), big.mark = ",", scientific = FALSE, trim = TRUE)
  rows <- data.frame(sizes, ratios)
  lines <- readLines(file)
  marks <- grep("^<!-- (begin|end) of bench/core.R's table -->$", lines)
  writeLines(c(lines[seq_len(marks[1])], markdown(rows, c("%s", rep("%.1f", 3)), c("variables", shown)),
               "", strwrap(machine(), 115), lines[marks[2]:length(lines)]), file)
}

draw <- function(table, file) {
  table <- table[table$m == 10, ]
  png(file, width = 1500, height = 550, res = 110)
  par(mfrow = c(1, 3), mar = c(5, 5, 2, 1), mgp = c(3.5, 0.8, 0), las = 1)
  pch <- c(1, 19, NA)
  lty <- c(2, 1, 3)
  col <- c("grey40", "firebrick", "grey40")
  for (box in shown) {
    here <- table[table$box == box, ]
    matplot(here$n, here[c("R", "core", "stream")], log = "xy", type = "b", pch = pch, lty = lty, col = col,
            main = box, xlab = "variables", ylab = "microseconds an iteration",
            ylim = range(table[c("R", "core", "stream")]))
    legend("topleft", c("R's core", "this core", "streaming the same bytes"), pch = pch, lty = lty, col = col,
           bty = "n")
  }
  invisible(dev.off())
}

load_core()
configurations <- expand.grid(box = seq_along(boxes) - 1L, m = c(10L, 5L, 20L), n = sizes)
configurations <- subset(configurations, m == 10 | n %in% c(1e3, 1e5) & box < 3)
configurations <- configurations[order(configurations$m != 10, configurations$m, configurations$n), ]
memory <- do.call(rbind, lapply(10^(3:7), peak_memory))
tables <- list(
  against_R = do.call(rbind, Map(against_R, configurations$n, configurations$m, configurations$box)),
  by_threads = do.call(rbind, Map(by_threads, rep(c(1e5, 1e6), each = 2), c(0L, 1L))),
  at_start = do.call(rbind, lapply(c(1L, 2L, 5L, 10L), at_start, n = 1e6)),
  growth = cbind(do.call(rbind, lapply(10^(3:7), growth)), memory)
)
cat(describe(tables), sep = "\n")
if (length(given) == 0) {
  writeLines(describe(tables), "bench/core.md")
  write_readme(tables$against_R, "README.md")
  draw(tables$against_R, "man/figures/core.png")
}
