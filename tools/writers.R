# Shows that only the owner writes: a group of the state, `s->GROUP.member`, and by put() its arrays, belong to
# GROUP.c, its parts GROUP_*.c, and GROUP.h. Sourced by tools/shape.R, which reads the files.

# Files that may write every group: the offsets' and that of put() itself.
for_all <- c("layout", "solver")

# Members that are no group, and the file they belong to.
belongs_to <- c(options = "lbfgsb")

# The members of the state that are structs.
groups <- function(files) {
  found <- unlist(lapply(files, function(file) matches("(?<=\n  } )\\w+(?=;)", read_c(file))))
  if (is.null(found)) stop("no header has a state with groups")
  found
}

# "file: what it writes", one for each group that is not its own.
second_writers <- function(file, groups) {
  owner <- sub("_.*", "", tools::file_path_sans_ext(basename(file)))
  if (owner %in% for_all) return(NULL)
  text <- gsub("const \\w+ \\*\\w+ = &", "", read_c(file)) # a pointer that does not write
  member <- sprintf("\\b(?:s->|\\w+->(?=(?:%s)\\.))(\\w+)", paste(groups, collapse = "|"))
  within_put <- "\\bput\\w*\\((?:[^()]|\\([^()]*\\))*?"
  writes <- c(
    paste0(member, "[\\w.]*(?:\\[[^\\]]*\\])?\\s*(?:[-+*/|&^]?=(?!=)|\\+\\+|--)"), # assigned
    paste0("(?:\\+\\+|--|[^&]&)", member),                                        # or by its address
    paste0(within_put, member, "\\."), paste0(within_put, ":\\s*", member)        # an array, or one of two
  )
  found <- lapply(writes, function(write) sub(write, "\\1", matches(write, text), perl = TRUE))
  foreign <- sprintf("s->%s", setdiff(unlist(found), c(owner, names(belongs_to)[belongs_to == owner])))
  from_const <- matches("\\((?!const\\b)[\\w ]+\\*\\)\\s*get\\w*\\([^)]*\\)", text)
  unnamed <- matches("\\bput(_bytes|_chunk)?\\(s, [^()>]*\\)", text)
  sprintf("%s writes %s", basename(file), c(foreign, from_const, unnamed))
}
