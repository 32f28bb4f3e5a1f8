# The status line of a long run in an interactive session.

shows_status <- function(control) talks() && control$trace == 0

# Tells whether somebody is there who reads what is not asked for.
talks <- function() {
  wanted <- getOption("lbfgsb.status")
  if (is.null(wanted)) interactive() && !isTRUE(getOption("knitr.in.progress")) else isTRUE(wanted)
}

status_chore <- function() {
  begun <- seconds()
  chore(every = 1, function(progress) show_status(progress, seconds() - begun))
}

show_status <- function(progress, seconds) {
  line <- sprintf("%s%.0f iterations, value %.9g, pgnorm %.3g, %.0f evaluations, %.0f s ", status_line$part %||% "",
                  progress$iteration, progress$value, progress$pgnorm, progress$counts[["function"]], seconds)
  cat("\r", line, sep = "", file = stderr())
  status_line$width <- max(status_line$width, nchar(line))
}

# Writes blanks, if a line was shown.
clear_status <- function() {
  if (status_line$width > 0) cat("\r", strrep(" ", status_line$width), "\r", sep = "", file = stderr())
  status_line$width <- 0
}

# width: of what is shown; fits: of the line of many fits, which no run of theirs takes away; part: of which part of a
# profile or the like the run is, in words
status_line <- list2env(list(width = 0, fits = 0))
