module segue.dev/e2e/files

go 1.26.0
