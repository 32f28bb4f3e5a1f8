# Measures core, glue and R: see tools/shape.sh. A line of code holds more than white space and comment (so
# none of roxygen's is one). A file is read into its lines of code and a table of its functions: name, lines
# (head and last brace included), parameters, nesting (of if, for, while and their like).
source("tools/writers.R")

# ---- C: brackets are counted, which is enough for the regular style of src/ ---------------------------

# Comments and literals give way to blanks; line breaks stay.
read_c <- function(file) {
  text <- paste(readLines(file), collapse = "\n")
  found <- gregexpr("(?s)/\\*.*?\\*/|\"(\\\\.|[^\"\\\\])*\"|'(\\\\.|[^'\\\\])+'", text, perl = TRUE)
  regmatches(text, found) <- list(gsub("[^\n]", " ", regmatches(text, found)[[1]]))
  text
}

matches <- function(pattern, text) regmatches(text, gregexpr(pattern, text, perl = TRUE))[[1]]
lines_of_code <- function(text) sum(grepl("\\S", strsplit(text, "\n")[[1]]))

# Of a head "type name(parameters)"; that of a kernel begins "KERNEL(name)(".
c_parameters <- function(head) {
  list <- sub(".*?(\\((?:[^()]++|(?1))*\\))\\s*$", "\\1", head, perl = TRUE)
  while (grepl("\\(.*\\(", list)) list <- sub("(?<=.)\\([^()]*\\)", "", list, perl = TRUE)
  if (grepl("^\\((void)?\\)$", list)) 0 else 1 + nchar(gsub("[^,]", "", list))
}

# A statement may do without braces: those it stands in end where it does.
c_nesting <- function(body) {
  deepest <- 0
  open <- character()
  end_statement <- function(open) open[seq_len(max(0, which(open %in% c("{", "("))))]
  for (token in matches("else\\s+if\\b|\\b(if|for|while|do|switch)\\b|[;{}()]", body)) {
    if (token == ")") open <- open[seq_len(max(which(open == "(")) - 1)]
    else if (token == ";" && !"(" %in% open) open <- end_statement(open)
    else if (token == "}") open <- end_statement(open[seq_len(max(which(open == "{")) - 1)])
    else if (token != ";") open <- c(open, token)
    deepest <- max(deepest, sum(!open %in% c("{", "(")))
  }
  deepest
}

c_function <- function(text) {
  head <- sub("\\s*\\{.*", "", text)
  name <- sub("(?s).*?(\\w+|\\w+\\(\\w+\\))\\((?:[^()]++|\\([^()]*\\))*\\)$", "\\1", head, perl = TRUE)
  data.frame(name = name, lines = lines_of_code(text), parameters = c_parameters(head),
             nesting = c_nesting(substring(text, nchar(head) + 1)))
}

# A function begins at the margin.
c_file <- function(file) {
  text <- read_c(file)
  functions <- matches("(?m)^\\w[^;{}=#]*\\)\\s*(\\{(?:[^{}]++|(?1))*\\})", text)
  list(lines = lines_of_code(text), functions = do.call(rbind, lapply(functions, c_function)))
}

# ---- R: by its parser -----------------------------------------------------------------------------------

# `else if` is no deeper than its `if`.
r_nesting <- function(e) {
  if (is.function(e) || !is.recursive(e)) return(0)
  name <- if (is.call(e) && is.symbol(e[[1]])) as.character(e[[1]]) else ""
  inner <- vapply(as.list(e), r_nesting, 0)
  if (!name %in% c("if", "for", "while", "repeat")) return(max(0, inner))
  chained <- name == "if" && length(e) == 4 && is.call(e[[4]]) && identical(e[[4]][[1]], quote(`if`))
  max(1 + inner[seq_len(length(e) - chained)], if (chained) inner[4])
}

# Functions within another are part of it.
r_file <- function(file) {
  code <- parse(file, keep.source = TRUE)
  tokens <- subset(getParseData(code), terminal & token != "COMMENT")
  lines <- unique(unlist(Map(seq, tokens$line1, tokens$line2)))
  is_function <- vapply(code, function(e) is.call(e) && length(e) == 3 && is.call(e[[3]]) &&
                          identical(e[[3]][[1]], quote(`function`)), NA)
  functions <- Map(function(e, at) {
    data.frame(name = as.character(e[[2]]), lines = sum(lines >= at[1] & lines <= at[3]),
               parameters = length(e[[3]][[2]]), nesting = r_nesting(e[[3]][[3]]))
  }, code[is_function], attr(code, "srcref")[is_function])
  list(lines = length(lines), functions = do.call(rbind, functions))
}

# Of which the parameters are what users see.
exported <- function() {
  namespace <- parseNamespaceFile(basename(getwd()), dirname(getwd()))
  c(namespace$exports, paste(namespace$S3methods[, 1], namespace$S3methods[, 2], sep = "."))
}

# ---- The parts ------------------------------------------------------------------------------------------

c_sources <- c("inst/include/lbfgsb.h", list.files("src", "[.][ch]$", full.names = TRUE))
is_glue <- startsWith(c_sources, "src/r_")
parts <- list(core = c_sources[!is_glue], glue = c_sources[is_glue],
              R = list.files("R", "[.]R$", full.names = TRUE))

# A row a file, and a row a function; `counted`: whether the limit on parameters holds for it.
measure <- function(files) {
  read <- lapply(files, function(file) if (endsWith(file, ".R")) r_file(file) else c_file(file))
  functions <- do.call(rbind, Map(function(file, content) {
    if (!is.null(content$functions)) cbind(file = basename(file), content$functions)
  }, files, read))
  functions$counted <- !startsWith(functions$file, "kernel") & !functions$name %in% exported()
  lines <- vapply(read, `[[`, 0, "lines")
  list(files = data.frame(name = basename(files), lines = lines), functions = functions)
}

largest <- function(table, column) {
  row <- table[which.max(table[[column]]), ]
  sprintf("%g (`%s`)", row[[column]], row$name)
}

share <- function(functions, p) quantile(functions$lines, p, type = 1, names = FALSE)

describe <- function(part) {
  functions <- part$functions
  c(files = nrow(part$files), `lines of code` = sum(part$files$lines), functions = nrow(functions),
    `lines of a function: median` = share(functions, 0.5), `90 %` = share(functions, 0.9),
    longest = largest(functions, "lines"),
    `most parameters` = largest(subset(functions, counted), "parameters"),
    nesting = largest(functions, "nesting"), `longest file` = largest(part$files, "lines"))
}

# ---- The limits -----------------------------------------------------------------------------------------

# "name: what is too much", one for each that is.
excess <- function(part, shape) {
  functions <- shape$functions
  too_many <- function(rows, column, limit, what) {
    rows <- rows[rows[[column]] > limit, ]
    sprintf("%s: %g %s, at most %g", rows$name, rows[[column]], what, limit)
  }
  whole <- data.frame(name = part, median = share(functions, 0.5), most = share(functions, 0.9))
  c(too_many(whole, "median", 7, "lines of a function in the median"),
    too_many(whole, "most", 15, "lines in 90 % of the functions"),
    too_many(functions, "lines", 30, "lines"),
    too_many(subset(functions, counted), "parameters", 6, "parameters"),
    too_many(shape$files, "lines", 300, "lines"))
}

# ---- CONTRIBUTING.md ------------------------------------------------------------------------------------

# A column a part.
markdown <- function(columns) {
  head <- rbind(c("", colnames(columns)), c("---", rep("---:", ncol(columns))))
  rows <- rbind(head, cbind(rownames(columns), columns))
  paste("|", apply(rows, 1, paste, collapse = " | "), "|")
}

# Its lines with the table between the marks.
contributing <- function(table) {
  lines <- readLines("CONTRIBUTING.md")
  marks <- grep("^<!-- (begin|end) of the table of tools/shape.sh -->$", lines)
  stopifnot(length(marks) == 2)
  c(lines[seq_len(marks[1])], table, lines[marks[2]:length(lines)])
}

mode <- commandArgs(TRUE)
shapes <- lapply(parts, measure)
table <- markdown(sapply(shapes, describe))
writeLines(table)
if ("write" %in% mode) writeLines(contributing(table), "CONTRIBUTING.md")

faults <- c(
  unlist(Map(excess, names(shapes), shapes)),
  unlist(lapply(parts$core, second_writers, groups = groups(parts$core))),
  if ("check" %in% mode && !identical(contributing(table), readLines("CONTRIBUTING.md")))
    "CONTRIBUTING.md has another table: sh tools/shape.sh write"
)
writeLines(as.character(faults))
quit(status = length(faults) > 0)
