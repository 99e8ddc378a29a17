module paperboy

go 1.26
