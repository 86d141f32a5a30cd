module segue.dev/e2e/still

go 1.26.0
