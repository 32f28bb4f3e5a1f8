# Shards with the daemons of mirai, which have no addresses: a request goes to any daemon that is free, so two
# may reach the same one, and none another. A daemon says who it is in its answer, and answers for a shard
# once.

# Asks daemons until all wanted shards are answered, or those that live have all been heard: what was
# answered, by key. Shards go to whoever takes them, but where a daemon is silent to those that were heard, by
# name: it may take a request too.
ask_holders <- function(own, session, request, loads) {
  round <- list2env(list(found = list(), heard = character()))
  request$lost <- session$lost
  wave <- wave_of(session, request, loads)
  pause <- 1e-3
  until <- NULL
  repeat {
    hear_wave(session, wave, round, own$timeout)
    until <- until %||% (seconds() + 3 * own$timeout)
    heard <- length(unique(round$heard))
    alive <- max(count_live(session), heard)
    if (alive == 0) refuse_no_daemon()
    if (all(request$wanted %in% names(round$found)) || heard >= alive || seconds() > until) break
    Sys.sleep(pause <- min(2 * pause, 0.1)) # one is busy with something else
    wave <- wave_of(session, request, NULL)
  }
  note_lost(session, request, round, loads)
  round$found
}

# Counts the daemons but for the silent ones; once a daemon is gone nobody knows whether a silent one is left.
count_live <- function(session) {
  count <- count_daemons(session$cluster)
  if (count < session$count) session$silent <- 0
  session$count <- count
  count - session$silent
}

refuse_no_daemon <- function() {
  naming_lost(stop(lost_workers(1, "broke down, and no daemon is left")), function(workers) {
    ": set new ones, and go on with lbfgsb_resume()"
  })
}

# Makes a request for each daemon, twice as many if one of them is silent.
wave_of <- function(session, request, loads) {
  if (count_live(session) <= 0) refuse_no_daemon()
  count <- session$count
  request$payload <- if (session$fresh || length(loads) > 0) session$payload
  sources <- session$sources[loads]
  times <- waves_of(session)
  if (length(loads) == 0) return(rep(list(request), times * count))
  if (times == 1) {
    return(lapply(share_out(sources, count), function(share) c(request, list(loads = list(any = share)))))
  }
  names <- setdiff(session$heard, session$lost)
  request$loads <- structure(share_out(sources, length(names)), names = names)
  rep(list(request), times * count)
}

waves_of <- function(session) if (session$silent > 0) 2 else 1

# Sends a wave and hears the answers, until all of it or all that is wanted has come. Those who do not know the
# payload are heard, but as they get no task they are asked again.
hear_wave <- function(session, wave, round, timeout) {
  tasks <- lapply(wave, send_daemon, cluster = session$cluster, timeout = timeout)
  on.exit(for (task in tasks) mirai::stop_mirai(task)) # of an interrupt
  left <- tasks
  silent <- 0
  pause <- 1e-4
  while (length(left) > 0 && !all(wave[[1]]$wanted %in% names(round$found))) {
    done <- !vapply(left, mirai::unresolved, NA)
    for (task in left[done]) hear(session, task, round, wave[[1]], timeout)
    silent <- silent + sum(vapply(left[done], is_silent, NA))
    left <- left[!done]
    if (any(done)) pause <- 1e-4 else Sys.sleep(pause <- min(1.2 * pause, 0.02))
  }
  session$silent <- max(session$silent, ceiling(silent / waves_of(session)))
  on.exit() # what is left is answered in vain: stopping it might hit what comes next
}

hear <- function(session, task, round, request, timeout) {
  answer <- read_daemon(task)
  if (is.null(answer)) return()
  if (is.null(answer$result)) {
    request$payload <- session$payload
    request["loads"] <- list(NULL)
    again <- mirai::call_mirai(send_daemon(session$cluster, request, timeout))
    if (!is.null(read_daemon(again)$result)) hear(session, again, round, request, timeout)
  } else {
    round$heard <- c(round$heard, answer$worker)
    found <- result_of(answer, session$cluster)
    round$found[names(found)] <- found
    session$holders[names(found)] <- answer$worker
  }
}

# Takes those for lost that held what was wanted and have not been heard, with a message.
note_lost <- function(session, request, round, loads) {
  session$heard <- unique(round$heard)
  missing <- setdiff(request$wanted, names(round$found))
  lost <- setdiff(unlist(session$holders[missing]), c(session$heard, session$lost))
  if (length(lost) == 0) return()
  session$lost <- c(session$lost, lost)
  message(lbfgsb_message_worker(length(missing), "shard"))
}
