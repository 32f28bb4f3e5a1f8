# Requests to the workers of a cluster, and their answers, whatever the cluster is made of: sockets (PSOCK,
# FORK), mirai's daemons, or anything else of the package parallel, as MPI through snow.
#
# A worker keeps, under a name (`slot`), what it has been sent once: the `payload`, serialized once for all. A
# request is then a `task` for it. Each has a number, and so has its answer: one that comes late, to what was
# asked before an interrupt, is known by it. What workers run is base R alone, so they need not have this
# package.

# Does a task of a request with what is kept in its slot: list(key, number, worker, result), `result` NULL where
# this is not known here. Drops what is not needed any more.
answer_request <- function(request) {
  kept <- getOption("lbfgsb_kept")
  if (is.null(kept)) options(lbfgsb_kept = kept <- new.env())
  keep <- function(own) {
    if (!identical(own$family, request$family)) own <- new.env()
    list2env(c(request[c("key", "family")], unserialize(request$payload)), envir = own)
    assign(request$slot, own, envir = kept)
  }
  worker <- paste(Sys.info()[["nodename"]], Sys.getpid())
  result <- tryCatch({
    rm(list = intersect(request$drop, ls(kept)), envir = kept)
    own <- kept[[request$slot]]
    if (!is.null(request$payload)) own <- keep(own)
    if (identical(own$key, request$key)) own$answer(request, own, worker)
  }, error = identity)
  list(key = request$key, number = request$number, worker = worker, result = result)
}
environment(answer_request) <- baseenv()

# What is sent with each request, in a few bytes: the code above comes with a payload, and stays.
relay <- quote({
  if (!is.null(request$code)) options(lbfgsb_answer = request$code)
  answer <- getOption("lbfgsb_answer")
  if (is.null(answer)) request[c("key", "number")] else answer(request)
})

with_code <- function(request) {
  if (is.null(request$payload)) request else c(request, list(code = answer_request))
}

# Returns what a worker has found, or throws the error that it met, which says where that was.
result_of <- function(answer, cluster) {
  error <- answer$result
  if (!inherits(error, "condition")) return(error)
  text <- conditionMessage(error)
  is_workers_own <- inherits(error, "lbfgsb_error_worker")
  if (identical(text, error$message) && !is_workers_own) error$message <- paste0(text, describe_there(text, cluster))
  stop(error)
}

# Says that errors were on workers, and what to do about what these lack; where that is nothing, `otherwise`, as here.
describe_there <- function(messages, cluster, otherwise = NULL) {
  if (is.null(cluster) || inherits(cluster, "lbfgsb_shards")) return(otherwise)
  known <- Filter(function(lack) any(grepl(lack[["says"]], messages)), lacks)
  if (length(known) == 0) return(paste0(" (on a worker of the cluster)", otherwise))
  says <- known[[1]][["says"]]
  name <- sub(says, "\\1", grep(says, messages, value = TRUE)[1])
  send <- if (identical(cluster, "mirai")) "mirai::everywhere()" else "parallel::clusterExport(cl, \"NAME\")"
  paste0(", on a worker of the cluster: ", gsub("NAME", name, sub("SEND", send, known[[1]][["to_do"]])))
}

# What a worker may lack: what the error says, and what to do.
lacks <- list(
  c(says = ".*object '([^']+)' not found.*",
    to_do = "send it there by SEND, or make it an argument of `fn` and give NAME = NAME"),
  c(says = ".*could not find function \"([^\"]+)\".*", to_do = "send it there by SEND, or load its package in `fn`"),
  c(says = ".*there is no package called .([[:alnum:].]+).*", to_do = "install it where workers look, .libPaths()")
)

new_key <- function() basename(tempfile("lbfgsb-"))

is_answer <- function(answer, request) {
  is.list(answer) && identical(answer[c("key", "number")], request[c("key", "number")])
}

# Lists the answers to requests, one a worker at most; NULL where a daemon of mirai is lost. Elsewhere a lost
# worker is an error of class lbfgsb_lost_workers, with their numbers.
ask_workers <- function(cluster, requests, timeout = Inf) {
  if (is.null(cluster)) return(lapply(requests, answer_request))
  if (is_mirai(cluster)) return(ask_daemons(cluster, requests, timeout))
  if (inherits(cluster, "SOCKcluster")) return(ask_sockets(cluster, requests, timeout))
  answers <- clusterApply(cluster, requests, answer_request)
  late <- which(!mapply(is_answer, answers, requests))
  if (length(late) > 0) stop(lost_workers(late, "still have to answer a computation that was interrupted"))
  answers
}

# Asks again, with the payload, those who do not know it.
ask_with_payload <- function(cluster, requests, payload, timeout = Inf) {
  answers <- ask_workers(cluster, requests, timeout)
  unknown <- vapply(answers, function(answer) is.null(answer$result), NA)
  if (!any(unknown)) return(answers)
  again <- lapply(requests, replace, "payload", list(payload))
  if (!is.null(cluster) && !is_mirai(cluster)) cluster <- cluster[which(unknown)]
  replace(answers, unknown, ask_workers(cluster, again[unknown], timeout))
}

# How many requests can be answered at a time.
count_workers <- function(cluster) {
  if (is.null(cluster)) 1L else if (is_mirai(cluster)) count_daemons(cluster) else length(cluster)
}

lost_workers <- function(workers, trouble, parent = NULL) {
  errorCondition("workers are lost", class = "lbfgsb_lost_workers", workers = workers, trouble = trouble,
                 parent = parent)
}

# Evaluates code; lost workers of it are an error that says where they were, `place`, at which derivatives.
naming_lost <- function(code, place, elements_of = function(workers) NULL) {
  tryCatch(code, lbfgsb_lost_workers = function(e) {
    stop(lbfgsb_error_worker(
      e$workers, elements_of(e$workers), e$parent, if (length(e$workers) == 1) "worker " else "workers ",
      enumerate(e$workers), " of the cluster ", e$trouble, place(e$workers)
    ))
  })
}

# ---- Sockets -----------------------------------------------------------------------------------------------

# Sends each worker its request and reads the answers as they come. The wait is made of short ones, so that an
# interrupt gets through.
ask_sockets <- function(cluster, requests, timeout) {
  nodes <- unclass(cluster)[seq_along(requests)]
  restore <- limit_waits(nodes, timeout)
  on.exit(restore())
  refuse_gone(lapply(seq_along(nodes), function(j) attempt(send_request(nodes[[j]], requests[[j]]))))
  answers <- vector("list", length(nodes))
  waiting <- seq_along(nodes)
  until <- seconds() + timeout
  while (length(waiting) > 0) {
    ready <- waiting[can_be_read(nodes[waiting])]
    answers[ready] <- lapply(nodes[ready], function(node) attempt(read_worker(node)))
    refuse_gone(answers)
    waiting <- Filter(function(j) !is_answer(answers[[j]], requests[[j]]), waiting)
    if (seconds() > until && length(waiting) > 0) stop(lost_workers(waiting, silence(timeout)))
  }
  answers
}

# Returns the error of a connection for a value of its own class: a worker may answer with any condition.
attempt <- function(step) on_error(step, function(e) structure(list(parent = e), class = "lbfgsb_gone"))

refuse_gone <- function(answers) {
  gone <- which(vapply(answers, inherits, NA, "lbfgsb_gone"))
  if (length(gone) > 0) stop(lost_workers(gone, "broke down", answers[[gone[1]]]$parent))
}

# Makes a connection that stops in the middle of a message fail within `timeout`; returns what undoes that.
limit_waits <- function(nodes, timeout) {
  limit <- ceiling(min(timeout, 1e6))
  before <- lapply(nodes, function(node) tryCatch(socketTimeout(node$con, limit), error = function(e) NULL))
  function() {
    for (j in seq_along(nodes)) {
      if (!is.null(before[[j]])) try(socketTimeout(nodes[[j]]$con, before[[j]]), silent = TRUE)
    }
  }
}

silence <- function(timeout) paste("did not answer within", format(timeout), "seconds")

can_be_read <- function(nodes) {
  socketSelect(lapply(nodes, `[[`, "con"), timeout = 0.1)
}

# Sends and reads as parallel does, but in one piece: pieces wait for one another, by the network's rules, some
# 40 ms. The connection of a cluster that was closed, or read from a file, may be another's by now.
send_request <- function(node, request) {
  current <- getConnection(node$con)
  if (!identical(attr(current, "conn_id"), attr(node$con, "conn_id"))) stop("not connected")
  arguments <- list(relay, list(request = with_code(request)))
  call <- list(type = "EXEC", data = list(fun = "eval", args = arguments, return = TRUE, tag = NULL))
  writeBin(serialize(call, NULL, xdr = inherits(node, "SOCKnode")), node$con)
}

read_worker <- function(node) unserialize(node$con)$value

# ---- mirai -------------------------------------------------------------------------------------------------

# A daemon has no address: a request goes to one that is free. `"mirai"` means those that the user has set.
is_mirai <- function(cluster) identical(cluster, "mirai") || inherits(cluster, "miraiCluster")

profile_of <- function(cluster) if (!identical(cluster, "mirai")) attr(cluster, "id")

check_mirai <- function(cluster, argument) {
  if (!is_mirai(cluster)) return()
  if (!requireNamespace("mirai", quietly = TRUE)) {
    stop(lbfgsb_error_argument(argument, "needs the package mirai: install.packages(\"mirai\")"))
  }
  if (count_daemons(cluster) == 0) {
    stop(lbfgsb_error_argument(argument, "has no daemons of mirai: set them first, by mirai::daemons(2)"))
  }
}

count_daemons <- function(cluster) {
  mirai::status(.compute = profile_of(cluster))$connections
}

send_daemon <- function(cluster, request, timeout) {
  limit <- if (timeout < Inf) 1000 * timeout
  mirai::mirai(eval(relay), .args = list(relay = relay, request = with_code(request)), .timeout = limit,
               .compute = profile_of(cluster))
}

# Returns the answer of a task that has ended; NULL if its daemon is lost or silent.
read_daemon <- function(task) if (!mirai::is_error_value(task$data)) task$data

# Tells whether the time of a task has run out, nanonext's error 5.
is_silent <- function(task) mirai::is_error_value(task$data) && as.integer(task$data) == 5

# Sends requests that any daemon can do; what a lost one had goes to the others.
ask_daemons <- function(cluster, requests, timeout) {
  answers <- vector("list", length(requests))
  left <- seq_along(requests)
  while (length(left) > 0) {
    if (count_daemons(cluster) == 0) stop(lost_workers(left, "broke down, and no daemon is left"))
    tasks <- lapply(requests[left], send_daemon, cluster = cluster, timeout = timeout)
    on.exit(for (task in tasks) mirai::stop_mirai(task))
    for (task in tasks) mirai::call_mirai(task)
    answers[left] <- lapply(tasks, read_daemon)
    if (all(vapply(tasks, is_silent, NA))) stop(lost_workers(left, silence(timeout)))
    lost <- left[vapply(answers[left], is.null, NA)]
    if (length(lost) > 0) message(lbfgsb_message_worker(length(lost), "request"))
    left <- lost
  }
  answers
}

# ---- What is large -----------------------------------------------------------------------------------------

largest_shipped <- 2^24 # bytes: 16 MiB

warned_of <- new.env() # the functions, by their environments

# Serializes what goes to workers, once for all; warns once a function if it is large.
pack <- function(parts, what = "fn") {
  packed <- serialize(parts, NULL, xdr = FALSE)
  id <- format(environment(parts[[what]]))
  if (length(packed) > largest_shipped && is.null(warned_of[[id]])) {
    warned_of[[id]] <- TRUE
    warning(lbfgsb_warning_shipped(length(packed), largest_objects(parts)))
  }
  packed
}

# Returns the sizes of the largest objects in lists and in the environments of functions, in bytes, by name.
largest_objects <- function(parts, most = 3) {
  seen <- list()
  is_new <- function(env) {
    here <- !any(vapply(seen, identical, NA, env)) && is_shipped(env)
    if (here) seen <<- c(seen, env)
    here
  }
  walk <- function(x, name) {
    if (is.function(x)) x <- environment(x)
    if (is.environment(x)) return(if (is_new(x)) c(walk(bindings_of(x), NULL), walk(parent.env(x), NULL)))
    if (is.list(x) && !is.data.frame(x)) return(unlist(Map(walk, unname(x), labels_in(x, name))))
    structure(as.numeric(object.size(x)), names = name %||% "")
  }
  head(sort(walk(parts, NULL), decreasing = TRUE), most)
}

labels_in <- function(list, name) {
  if (is.null(names(list))) rep(name %||% "", length(list)) else names(list)
}

# Tells whether an environment is sent with what it holds.
is_shipped <- function(env) {
  known <- list(globalenv(), emptyenv(), baseenv())
  !isNamespace(env) && !any(vapply(known, identical, NA, env)) && !startsWith(environmentName(env), "package:")
}

bindings_of <- function(env) {
  names <- Filter(function(name) !bindingIsActive(name, env), setdiff(ls(env, all.names = TRUE), "..."))
  sapply(names, function(name) tryCatch(get(name, env), error = function(e) NULL), simplify = FALSE)
}
