#' @references
#' R. H. Byrd, P. Lu, J. Nocedal and C. Zhu (1995). A limited memory algorithm for bound
#' constrained optimization. *SIAM Journal on Scientific Computing* 16(5), 1190-1208.
#' \doi{10.1137/0916069}
#'
#' J. L. Morales and J. Nocedal (2011). Remark on "Algorithm 778: L-BFGS-B". *ACM Transactions on
#' Mathematical Software* 38(1), 7:1-7:4. \doi{10.1145/2049662.2049669}
#'
#' J. J. Moré and D. J. Thuente (1994). Line search algorithms with guaranteed sufficient decrease.
#' *ACM Transactions on Mathematical Software* 20(3), 286-307. \doi{10.1145/192115.192132}
#'
#' @importFrom graphics axis legend matplot
#' @importFrom stats coef
#' @importFrom utils adist head tail
#' @useDynLib lbfgsb, .registration = TRUE
"_PACKAGE"
