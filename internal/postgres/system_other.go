//go:build !linux

package postgres

import "syscall"

func ordinary(string) (*syscall.SysProcAttr, error) { return nil, nil }

func memory() string { return "" }
