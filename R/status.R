# The status line of a long run in an interactive session.

shows_status <- function(control) control$trace == 0 && talks()

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
  cat(sprintf("\r%.0f iterations, value %.9g, pgnorm %.3g, %.0f evaluations, %.0f s ", progress$iteration,
              progress$value, progress$pgnorm, progress$counts[["function"]], seconds), file = stderr())
  status_line$shown <- TRUE
}

# Writes blanks, if a line was shown.
clear_status <- function() {
  if (status_line$shown) cat("\r", strrep(" ", 78), "\r", sep = "", file = stderr())
  status_line$shown <- FALSE
}

status_line <- list2env(list(shown = FALSE))
