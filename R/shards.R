#' An objective whose data are on many machines
#'
#' Makes a function for [lbfgsb()] that is the sum of `fn` over shards, parts of the data, each of which stays
#' with a worker of a cluster: `local(par) + fn(par, shard 1) + fn(par, shard 2) + ...`. An evaluation takes
#' `par` to each worker, and a value and a gradient of each shard back.
#'
#' @section Shards and workers:
#' Shards have keys, the names of `shards` or their numbers. A worker answers for those that it holds; what
#' nobody has answered is sent again, with the shard. Values are added in the order of the shards. So the result
#' is the same to the bit for any number of workers, as long as `fn` itself is: as a BLAS is that uses one
#' thread.
#'
#' A shard is loaded once: a value is sent, and a function without arguments is called on the worker, to read
#' a file there, say. If that fails, the next evaluation calls it again. Calls of `fn` and what its environment
#' holds are sent once too, and arguments in the `...` of `lbfgsb()` whenever they change: to large ones a
#' warning of class `lbfgsb_warning_shipped` is given.
#'
#' @section Lost workers:
#' On a cluster of sockets (PSOCK, FORK) a worker that is gone, or silent for longer than `timeout`, is an
#' error of class `lbfgsb_error_worker` with the state of the run: make a new cluster, then
#' `lbfgsb_resume(state, sharded_objective(f, cluster = new))` goes on to the same bits. With mirai the other
#' daemons get its shards, a message of class `lbfgsb_message_worker` says so, and it is an error only if none
#' is left. On other clusters, as of MPI, `timeout` has no meaning. An interrupt gets through while the
#' workers compute, but with those.
#'
#' @section Kept and dropped:
#' What `saveRDS()` writes has the keys, and functions that load, but no values and no cluster: give them anew
#' by `sharded_objective(f, shards, cluster)`, `shards` only if there were values. `close(f)` drops the shards
#' on the workers; if `f` is garbage they are dropped when its cluster is next used for any sharded objective.
#'
#' @section Statistics:
#' [vcov()][vcov.lbfgsb], [profile()][profile.lbfgsb], [check_gradient()], [lbfgsb_boot()] and the others take
#' such an `fn` as any other; `control$cluster` must then be `NULL`. If `fn` returns values alone, all points of
#' a difference gradient cross in one message.
#'
#' @param fn a function of `par`, a shard and further arguments that returns a number, or a list of `value` and
#'   `gradient`. Or what `sharded_objective()` returned, for another cluster.
#' @param shards a list of shards: each a value of any kind, or a function that returns it.
#' @param cluster a cluster of the package parallel; one of mirai, or `"mirai"` for the daemons that
#'   `mirai::daemons()` has set; or `NULL`: all is evaluated here, one shard after the other.
#' @param local a function of `par` that is evaluated here, as a penalty, or `NULL`. Returns what `fn` does.
#' @param timeout how many seconds a worker may take for an answer, loading included, until it counts as lost.
#' @param x,con what `sharded_objective()` returned.
#' @param ... ignored.
#' @return A function of `par` and `...`, of class `lbfgsb_sharded`, which returns a list of `value` and
#'   `gradient`, or a number. `close()` returns `NULL`, `print()` returns `x`, both invisibly. Wrong arguments
#'   are errors of class `lbfgsb_error_argument`.
#' @seealso `vignette("at-scale")`
#' @examples
#' # Least squares: here, in two shards
#' rows <- split(cars, rep(1:2, 25))
#' squares <- function(par, shard) {
#'   r <- shard$dist - par[1] - par[2] * shard$speed
#'   list(value = sum(r^2), gradient = -2 * c(sum(r), sum(r * shard$speed)))
#' }
#' f <- sharded_objective(squares, rows, cluster = NULL)
#' lbfgsb(c(0, 0), f)$par
#'
#' \donttest{
#' # On two workers, to the same bits
#' cluster <- parallel::makeCluster(2)
#' g <- sharded_objective(f, rows, cluster)
#' lbfgsb(c(0, 0), g)$par
#' close(g)
#' parallel::stopCluster(cluster)
#' }
#' @export
sharded_objective <- function(fn, shards, cluster = NULL, local = NULL, timeout = 600) {
  if (inherits(fn, "lbfgsb_sharded")) {
    old <- environment(fn)
    if (missing(shards)) shards <- sources_of(old)
    if (missing(local)) local <- old$local
    if (missing(timeout)) timeout <- old$timeout
    fn <- old$fn
  }
  check_sharded(fn, local, timeout)
  check_shards(shards)
  check_cluster(cluster)
  names(shards) <- names(shards) %||% seq_along(shards)
  new_sharded(list(fn = fn, local = local, timeout = timeout), shards, cluster)
}

check_sharded <- function(fn, local, timeout) {
  if (!is.function(fn) || is.primitive(fn)) {
    stop(lbfgsb_error_argument("fn", "must be a function of `par` and a shard, not ", kind_of(fn)))
  }
  if (!is.null(local) && !is.function(local)) {
    stop(lbfgsb_error_argument("local", "must be a function or NULL, not ", kind_of(local)))
  }
  if (!is_number(timeout) || timeout <= 0) {
    stop(lbfgsb_error_argument("timeout", "must be a number of seconds > 0, or Inf"))
  }
}

check_shards <- function(shards) {
  if (!is.list(shards) || is.data.frame(shards) || length(shards) == 0) {
    stop(lbfgsb_error_argument("shards", "must be a list with one element per shard, not ", kind_of(shards)))
  }
  keys <- names(shards)
  wrong <- which(is.na(keys) | !nzchar(keys) | duplicated(keys))
  if (length(wrong) > 0) {
    stop(lbfgsb_error_argument("shards", "must have no names, or each one of its own, unlike number ",
                               enumerate(wrong), elements = wrong))
  }
}

check_cluster <- function(cluster) {
  if (!option_rules$cluster$holds(cluster)) {
    stop(lbfgsb_error_argument("cluster", "must be ", option_rules$cluster$words, ", not ", kind_of(cluster)))
  }
  check_mirai(cluster, "cluster")
}

# ---- What is kept here ---------------------------------------------------------------------------------------

# What a function knows of its session: by its key the cluster and the sources of its shards, which no file
# should hold.
sharded <- new.env()

# Makes the function; its environment is what saveRDS() keeps.
new_sharded <- function(parts, sources, cluster) {
  parts$key <- new_key()
  parts$fn <- removeSource(parts$fn) # its text comes with the whole file that it stands in
  parts$loaders <- lapply(sources, function(source) if (is.function(source)) source)
  parts$owner <- new.env(parent = emptyenv()) # this frame has the data
  sharded[[parts$key]] <- new_session(cluster, sources)
  key <- parts$key
  reg.finalizer(parts$owner, bury_later(key))
  f <- function(., ...) { # see flat_fn()
    given <- if (missing(.)) list(...) else list(., ...)
    at <- match("par", names(given), nomatch = 1) # by name where it is called by hand
    value_over_shards(environment(sys.function()), given[[at]], given[-at])
  }
  environment(f) <- list2env(parts, parent = topenv())
  structure(f, class = c("lbfgsb_sharded", "function"))
}

# `number` of the requests, `version` of the payload, `fresh` before the first answer; of mirai (R/daemons.R)
# how many daemons there were, and how many of them are silent.
new_session <- function(cluster, sources) {
  counts <- list(number = 0, version = 0, fresh = TRUE, count = 0, silent = 0)
  list2env(c(list(cluster = cluster, sources = sources), counts), parent = emptyenv())
}

# Drops at the end of the last reference. Collection may come while others talk over the cluster, so its workers
# are told by the next request over it.
bury_later <- function(key) {
  force(key)
  function(owner) bury(key)
}

bury <- function(key) {
  session <- sharded[[key]]
  if (is.null(session)) return()
  rm(list = key, envir = sharded)
  if (!session$fresh) buried[[key]] <- session$cluster
  if (is.null(session$cluster)) answer_request(list(slot = key, key = key, drop = key))
}

buried <- new.env() # by key, the clusters whose workers still hold shards of what is gone

# Returns the keys that workers of a cluster are to drop.
take_buried <- function(cluster) {
  keys <- Filter(function(key) identical(buried[[key]], cluster), ls(buried))
  rm(list = keys, envir = buried)
  keys
}

session_of <- function(own) {
  sharded[[own$key]] %||%
    stop(lbfgsb_error_argument("fn", "has been closed, or read from a file: give it its shards and a cluster ",
                               "by sharded_objective(fn, shards, cluster)"))
}

# Returns the shards' sources: loaders outlive a session, values do not.
sources_of <- function(own) {
  session <- sharded[[own$key]]
  if (!is.null(session)) return(session$sources)
  gone <- names(Filter(is.null, own$loaders))
  if (length(gone) > 0) {
    stop(lbfgsb_error_argument("shards", "must be given again: they were values, which are not kept (",
                               enumerate(gone), ")"))
  }
  own$loaders
}

#' @rdname sharded_objective
#' @export
close.lbfgsb_sharded <- function(con, ...) {
  key <- environment(con)$key
  session <- sharded[[key]]
  bury(key)
  if (is.null(session) || session$fresh || is.null(session$cluster)) return(invisible())
  request <- list(slot = key, key = key, number = 0, drop = take_buried(session$cluster))
  requests <- rep(list(request), count_workers(session$cluster))
  try(ask_workers(session$cluster, requests, timeout = 5), silent = TRUE)
  invisible()
}

#' @rdname sharded_objective
#' @export
print.lbfgsb_sharded <- function(x, ...) {
  own <- environment(x)
  session <- sharded[[own$key]]
  where <- if (is.null(session)) {
    "closed, or read from a file"
  } else if (is.null(session$cluster)) {
    "evaluated here"
  } else {
    paste("over", counted(count_workers(session$cluster), "worker"))
  }
  cat("A sum over ", counted(length(own$loaders), "shard"), ", ", where, "\n", sep = "")
  invisible(x)
}

# ---- On a worker -------------------------------------------------------------------------------------------

# Returns of each shard that is held and wanted fn at the points, or the condition of an error: a list by key.
# What has been answered under this number already is not again: a request may come twice to one daemon. A shard
# that cannot be loaded is not held, so it comes again with the next request.
answer_shards <- function(request, own, worker) {
  if (is.null(own$shards) || worker %in% request$lost) own$shards <- own$done <- list()
  load_shard <- function(source) list(tryCatch(if (is.function(source)) source() else source, error = identity))
  loads <- if (is.null(request$loads[[worker]])) request$loads$any else request$loads[[worker]]
  for (key in names(loads)) {
    own$shards[key] <- load_shard(loads[[key]])
    own$done[[key]] <- 0
  }
  dots <- do.call(function(...) environment(), own$dots, quote = TRUE)
  value_at <- function(par, shard) eval(quote(fn(par, shard, ...)), list(fn = own$fn, par = par, shard = shard), dots)
  values_of <- function(key) {
    shard <- own$shards[[key]]
    points <- request$points
    if (is.null(points)) points <- Map(function(i, at) replace(request$x, i, at), request$i, request$at)
    values <- if (inherits(shard, "condition")) shard else {
      tryCatch(lapply(points, value_at, shard), error = identity, lbfgsb_stop = identity)
    }
    own$done[[key]] <- request$number
    if (inherits(shard, "condition")) own$shards[[key]] <- NULL
    values
  }
  mine <- intersect(request$wanted, names(own$shards))
  mine <- mine[!vapply(own$done[mine], identical, NA, request$number)]
  sapply(mine, values_of, simplify = FALSE)
}
environment(answer_shards) <- baseenv()

# ---- An evaluation -----------------------------------------------------------------------------------------

# Returns local(par) + fn(par, shard) + ... at one point.
value_over_shards <- function(own, par, dots) {
  sums_over_shards(own, list(points = list(par)), list(par), dots)[[1]]
}

# Returns the evaluator of points for an fn that is a sum over shards, as point_evaluator() does.
over_shards <- function(objective) {
  own <- environment(objective$fn)
  function(x, i, at) {
    points <- lapply(seq_along(i), function(j) replace(x, i[[j]], at[[j]]))
    sums <- sums_over_shards(own, list(x = x, i = i, at = at), points, dots_of(objective))
    lapply(sums, function(sum) read_value(sum)$value)
  }
}

# Lists the sums at `points`, of which `task` is what workers make them of.
sums_over_shards <- function(own, task, points, dots) {
  session <- session_of(own)
  answers <- ask_shards(own, session, task, dots)
  for (answer in answers) {
    if (inherits(answer, "lbfgsb_stop")) lbfgsb_stop()
    if (inherits(answer, "condition")) stop(answer)
  }
  lapply(seq_along(points), function(k) {
    terms <- lapply(answers, `[[`, k)
    if (!is.null(own$local)) terms <- c(list(own$local(points[[k]])), terms)
    sum_of_terms(terms, points[[k]])
  })
}

# Adds values, and gradients where all terms have one, in their order.
sum_of_terms <- function(terms, par) {
  if (all(vapply(terms, is.complex, NA))) return(Reduce(`+`, terms))
  read <- lapply(terms, read_value)
  value <- Reduce(`+`, lapply(read, `[[`, "value"))
  has_gradient <- !vapply(read, function(term) is.null(term$gradient), NA)
  if (!any(has_gradient)) return(value)
  if (!all(has_gradient)) {
    stop(lbfgsb_error_objective("fn", terms[[which(!has_gradient)[1]]], "`fn` and `local` must return a ",
                                "gradient for all shards, or for none"))
  }
  gradient <- function(term) {
    read_gradient(flat_gradient(term$gradient, par, "fn"), NULL, list(par = flat_numbers(par)))
  }
  list(value = value, gradient = Reduce(`+`, lapply(read, gradient)))
}

# Lists the workers' answers in the order of the shards. What nobody has answered is sent again, with the shard.
ask_shards <- function(own, session, task, dots) {
  renew_payload(own, session, dots)
  session$number <- session$number + 1
  request <- c(task, list(
    slot = own$key, family = own$key, key = paste(own$key, session$version), number = session$number,
    drop = take_buried(session$cluster)
  ))
  keys <- names(session$sources)
  answers <- list()
  loads <- if (session$fresh) keys
  while (length(missing <- setdiff(keys, names(answers))) > 0) {
    request$wanted <- missing
    found <- ask_round(own, session, request, loads)
    answers[names(found)] <- found
    loads <- setdiff(missing, names(found))
  }
  session$fresh <- FALSE
  answers[keys]
}

# Serializes fn and `...` for the workers, when these have changed.
renew_payload <- function(own, session, dots) {
  if (!is.null(session$payload) && identical(dots, session$dots)) return()
  session$version <- session$version + 1
  session$dots <- dots
  session$payload <- pack(list(answer = answer_shards, fn = own$fn, dots = dots))
}

# Asks all workers once, with these shards to load: what they have answered, by key.
ask_round <- function(own, session, request, loads) {
  if (is_mirai(session$cluster)) return(ask_holders(own, session, request, loads))
  shares <- share_out(session$sources[loads], count_workers(session$cluster))
  requests <- lapply(shares, function(share) c(request, list(loads = list(any = share))))
  if (session$fresh) requests <- lapply(requests, function(request) c(request, list(payload = session$payload)))
  answers <- naming_lost(
    ask_with_payload(session$cluster, requests, session$payload, own$timeout),
    function(workers) ": go on over a new one with lbfgsb_resume(state, sharded_objective(f, cluster = new))"
  )
  do.call(c, lapply(answers, result_of, session$cluster))
}

# Cuts a list into that many parts, of equal length as far as they go; some may be empty.
share_out <- function(sources, parts) {
  part <- ceiling(seq_along(sources) * parts / length(sources))
  unname(split(sources, factor(part, levels = seq_len(parts))))
}

# ---- In a run ------------------------------------------------------------------------------------------------

# Takes the shards of fn, if it is a sum over such, for the cluster over which differences are taken; and no longer those of
# another function, whose options these were.
over_its_shards <- function(state, fn) {
  own <- own_function(fn)
  if (is.object(own) && inherits(own, "lbfgsb_sharded")) {
    refuse_cluster(state$control$cluster)
    if (inherits(fn, "lbfgsb_sharded")) state$control$cluster <- its_shards
  } else if (inherits(state$control$cluster, "lbfgsb_shards")) {
    state$control["cluster"] <- list(NULL)
  }
  state
}

# Returns the arguments that fn has beside `par`, of a sum over shards beside that and a shard; NULL of a primitive.
formals_beside <- function(fn) {
  if (inherits(fn, "lbfgsb_sharded")) formals(environment(fn)$fn)[-(1:2)] else formals(fn)[-1]
}

its_shards <- structure(list(), class = c("lbfgsb_shards", "cluster"))

# Refuses a cluster for a function that has its own.
refuse_cluster <- function(cluster) {
  if (!is.null(cluster) && !inherits(cluster, "lbfgsb_shards")) {
    stop(lbfgsb_error_argument("control$cluster", "must be NULL where `fn` is a sharded objective, which ",
                               "has a cluster of its own"))
  }
}
