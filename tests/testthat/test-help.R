# The help and the vignettes, from the sources: these are not among the installed files of every library.
sources <- function(...) {
  file <- test_path("../..", ...)
  skip_if_not(file.exists(file), "the sources are not here")
  file
}

help_lines <- function(page) {
  text <- tempfile()
  tools::Rd2txt(sources("man", page), text, options = list(width = 80, underline_titles = FALSE))
  readLines(text, encoding = "UTF-8")
}

test_that("help fits 80 columns in a terminal, but for code", {
  for (page in list.files(sources("man"), "Rd$")) {
    lines <- help_lines(page)
    prose <- head(lines, match("Examples:", lines, nomatch = length(lines) + 1) - 1)
    expect_identical(prose[nchar(prose) > 80], character(), info = page)
  }
})

test_that("code that vignettes and README show fits 80 columns", {
  for (file in c(list.files(sources("vignettes"), "Rmd$", full.names = TRUE), sources("README.md"))) {
    lines <- readLines(file)
    block <- cumsum(grepl("^```", lines))
    opens <- lines[match(block, block)]
    is_shown <- block %% 2 == 1 & grepl("^```(r|\\{r)", opens) & !grepl("(echo|include) = FALSE", opens)
    expect_identical(lines[is_shown & lines != opens & nchar(lines) > 80], character(), info = file)
  }
})

test_that("the help has each option and each condition", {
  item <- function(line) sub("^[^{]*\\\\code\\{(\\w+)\\}.*", "\\1", line)
  options <- grep("^ *\\\\code\\{\\w+\\} \\\\tab", readLines(sources("man/lbfgsb_control.Rd")), value = TRUE)
  expect_setequal(item(options), names(option_rules))
  classes <- grep("^\\\\item \\\\code\\{", readLines(sources("man/lbfgsb_conditions.Rd")), value = TRUE)
  made <- grep("^lbfgsb_(error|warning|message)_\\w+$", ls(asNamespace("lbfgsb")), value = TRUE)
  expect_setequal(item(classes), c(made, "lbfgsb_unfinished", "lbfgsb_unfinished_many", "lbfgsb_unfinished_parts",
                                  "lbfgsb_stop"))
})

test_that("README and the package's page name all vignettes", {
  vignettes <- sub(".Rmd", "", list.files(sources("vignettes"), "Rmd$"), fixed = TRUE)
  named <- paste0("vignette(\"", vignettes, "\"")
  for (text in list(readLines(sources("README.md")), help_lines("lbfgsb-package.Rd"))) {
    text <- paste(text, collapse = " ")
    for (vignette in named) expect_match(text, vignette, fixed = TRUE)
  }
})

test_that("the vignettes teach what a statistician needs", {
  headings_of <- function(vignette) grep("^##|^\\* \\*\\*", readLines(sources("vignettes", vignette)), value = TRUE)
  topics <- list(
    models.Rmd = c("Censored data", "Negative binomial", "coefficients, none negative", "GARCH", "Gaussian process",
                   "Which model", "Bootstrap", "Several starts", "Predictions and other functions of the parameters",
                   "Constraints other than bounds", "alpha + beta < 1", "simplex", "correlation matrix"),
    `coming-from.Rmd` = c("optim", "nlminb", "nlm", "bbmle", "stats4", "nloptr", "optimx", "TMB", "RTMB")
  )
  for (vignette in names(topics)) {
    headings <- paste(headings_of(vignette), collapse = "\n")
    for (topic in topics[[vignette]]) expect_match(headings, topic, fixed = TRUE)
  }
})

test_that("what the headings of vignette(\"troubleshooting\") quote are messages of today", {
  messages <- unlist(lapply(list.files(test_path("_snaps"), "md$", full.names = TRUE), readLines))
  messages <- gsub("\\s+", " ", paste(messages, collapse = " "))
  headings <- grep("^##", readLines(sources("vignettes/troubleshooting.Rmd")), value = TRUE)
  quotes <- unlist(regmatches(headings, gregexpr("\"[^\"]+\"", headings)))
  expect_gt(length(quotes), 15)
  for (piece in setdiff(trimws(unlist(strsplit(quotes, "\"|[.]{3}|`[^`]*`"))), "")) {
    expect_match(messages, piece, fixed = TRUE)
  }
})

# The values of code, as R prints them, and its warnings.
printed_by <- function(code, env) {
  said <- character()
  shown <- withCallingHandlers(
    capture.output(for (line in parse(text = code)) {
      result <- withVisible(eval(line, env))
      if (result$visible) print(result$value)
    }),
    warning = function(w) {
      said <<- c(said, "Warning message:", conditionMessage(w))
      invokeRestart("muffleWarning")
    }
  )
  c(shown, said)
}

test_that("README's examples print what it shows", {
  skip_on_cran() # other machines may round otherwise
  lines <- readLines(sources("README.md"))
  fences <- matrix(grep("^```", lines), 2)
  block <- function(k) lines[seq(fences[1, k] + 1, length.out = diff(fences[, k]) - 1)]
  opened <- lines[fences[1, ]]
  env <- new.env(parent = globalenv())
  followed <- which(opened == "```r" & c(opened[-1], "") == "```" & c(fences[1, -1], 0) == fences[2, ] + 1)
  expect_gte(length(followed), 4)
  for (k in followed) expect_identical(printed_by(block(k), env), block(k + 1))
})
