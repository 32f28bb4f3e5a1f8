# Values, elements and numbers in words, for messages and print().

# described(1:2) = "1:2", described(list(1)) = "a list of length 1": what was given, in full where it is short.
described <- function(x) if (!is.object(x) && is.atomic(x) && length(x) %in% 1:5) deparse(x) else kind_of(x)

# kind_of() = "a numeric vector of length 2", "a list of length 1", "an object of class 'Date'", "NULL"
kind_of <- function(x) {
  if (is.null(x)) return("NULL")
  if (is.object(x)) return(paste0("an object of class '", class(x)[1], "'"))
  if (is.function(x)) return("a function")
  if (is.language(x)) return(if (is.name(x)) "a name" else "an expression")
  type <- if (is.list(x)) "list" else paste(mode(x), "vector")
  paste("a", type, "of length", length(x))
}

# written(quote(x)) = "x", written(2) = "2", written(quote(x + 1)) = "...": code in a call that is told.
written <- function(code) if (is.name(code) || is.atomic(code) && length(code) == 1) deparse(code) else "..."

# Returns the names of these elements of `par`, `[i]` where there is none; `[i,j]` in a matrix.
labels_of <- function(par, elements = seq_along(par)) {
  positions <- paste0("[", positions_in(par, elements), "]", recycle0 = TRUE)
  if (is.null(names(par))) return(positions)
  names <- names(par)[elements]
  blank <- is.na(names) | names == ""
  replace(names, blank, positions[blank])
}

# positions_in() = "3"; "1,2", or "a,2" where the rows have names.
positions_in <- function(par, elements) {
  if (length(dim(par)) < 2) return(format(elements, scientific = FALSE, trim = TRUE))
  indices <- arrayInd(elements, dim(par))
  along <- lapply(seq_len(ncol(indices)), function(k) {
    labels <- dimnames(par)[[k]]
    if (is.null(labels)) indices[, k] else labels[indices[, k]]
  })
  do.call(paste, c(along, sep = ","))
}

# enumerate() = "a, b, [3], d, e and 12 more"
enumerate <- function(labels, most = 5) {
  shown <- paste(head(labels, most), collapse = ", ")
  more <- length(labels) - most
  if (more > 0) paste(shown, "and", more, "more") else shown
}

# Says under a table how many rows it does not show.
tell_hidden <- function(n) if (n > 0) cat("... and", n, "more: print() with rows = Inf shows all\n")

# in_brackets() = " (element b)", " (elements a, [2], d)"
in_brackets <- function(par, elements) {
  noun <- if (length(elements) == 1) "element" else "elements"
  paste0(" (", noun, " ", enumerate(labels_of(par, elements)), ")")
}

# places_of("b0", list(mean = c(b0 = 0, b1 = 1))) = "par$mean[\"b0\"]": where a list has this name, as one writes it;
# the same for "mean.b0".
places_of <- function(name, par, path = "par") {
  if (!is.list(par)) return(if (name %in% names(par)) paste0(path, "[", dQuote(name, FALSE), "]"))
  below <- lapply(names(par), function(part) {
    prefix <- paste0(part, ".")
    rest <- if (startsWith(name, prefix)) substring(name, nchar(prefix) + 1) else name
    places_of(rest, par[[part]], paste0(path, "$", part))
  })
  c(if (name %in% names(par)) paste0(path, "$", name), unlist(below))
}

# Says what an unknown `name` may stand for: "; did you mean par$mean[\"b0\"]?", of a vector "; did you mean
# \"mean.b0\"?", or else "; it has mean, sigma".
suggest_place <- function(name, par, path = "par") {
  longer <- names(par)[endsWith(names(par) %||% character(), paste0(".", name))]
  places <- if (is.list(par)) places_of(name, par, path) else dQuote(longer, FALSE)
  meant <- if (length(places) > 0) places[1] else head(dQuote(near_names(name, par), FALSE), 3)
  if (length(meant) > 0) return(paste0("; did you mean ", paste(meant, collapse = " or "), "?"))
  if (is.null(names(par)) && is.null(dim(par))) "; it has no names" else paste0("; it has ", enumerate(labels_of(par)))
}

# Lists the nearest ones of those names of `par`, in a list also of single numbers, that are a third of its letters away from
# one at most, or have the same letters.
near_names <- function(name, par) {
  known <- unique(c(names(par), names(flat_numbers(par))))
  if (is.null(known)) return(NULL)
  distance <- drop(adist(name, known, ignore.case = TRUE))
  near <- nzchar(known) & (distance <= nchar(name) / 3 | letters_in(known) == letters_in(name))
  known[near & distance == min(distance[near], Inf)]
}

letters_in <- function(names) vapply(strsplit(tolower(names), ""), function(x) paste(sort(x), collapse = ""), "")

# Says that the function `what` asks for names that `par` does not have; NULL where it does not.
describe_asked <- function(f, par, what) {
  asked <- setdiff(names_asked(f), names(par))
  if (length(asked) == 0) return(NULL)
  quoted <- enumerate(dQuote(asked, FALSE))
  if (is.null(names(par))) return(paste0(": `par` has no names, and `", what, "` asks for ", quoted))
  paste0(": `", what, "` asks for ", quoted, ", which `par` does not have", suggest_place(asked[1], par))
}

# Says that `f` takes elements of a vector by `$`; NULL where it does not.
describe_dollar <- function(f, par) {
  asked <- if (!is.list(par)) names_asked(f, by = "$")
  if (length(asked) == 0) return(NULL)
  paste0(": `par` is a vector, from which `$` takes nothing: write ", names(formals(f))[1], "[[", dQuote(asked[1], FALSE),
         "]], or give a list for the start")
}

# as_name("mu") = "mu", as_name("(Intercept)") = "\"(Intercept)\"", for code to be typed.
as_name <- function(label) if (isTRUE(make.names(label) == label)) label else dQuote(label, FALSE)

# Counts equal messages: `message` and `times`, the most frequent first.
tabulate_failures <- function(messages) {
  times <- sort(table(messages), decreasing = TRUE)
  data.frame(message = as.character(names(times)), times = as.vector(times))
}

# Says "no data (12 times), singular (3 times)".
describe_failures <- function(failures) {
  enumerate(paste0(failures$message, " (", failures$times, ifelse(failures$times == 1, " time)", " times)")))
}

# Prints "3 runs failed: no data (3 times)".
print_failures <- function(failures, noun, what = "failed") {
  if (nrow(failures) == 0) return()
  text <- paste0(counted(sum(failures$times), noun), " ", what, ": ", describe_failures(failures))
  cat("", strwrap(text), sep = "\n")
}

# without_bars("|z| = root of F") = "z = signed root of F"
without_bars <- function(label) sub("root", "signed root", gsub("|", "", label, fixed = TRUE))
