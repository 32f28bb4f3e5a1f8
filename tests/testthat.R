library(testthat)
library(lbfgsb)

test_check("lbfgsb")
