# shellcheck shell=bash
# SPDX-License-Identifier: MIT
#
# Sample records: a minute of a small shop, in one batch.

demo_send()
{
    local answer
    answer=$(demo_records | curl -sS -m 15 -H 'Content-Type: application/json' --data-binary @- \
        "http://127.0.0.1:$PORT/api/v1/logs/batch") || fail "the gateway did not take the sample records" \
        "./dev logs gateway" "$ALS_STATE/log/gateway.log"
    [[ $answer == *'"success":true'* ]] || fail "the gateway refused the sample records: $answer" "./dev logs gateway"
    say "sent $(jq .count <<<"$answer") sample records: curl http://127.0.0.1:$PORT/api/v1/stats"
}

# Prints 48 records whose timestamps fill the last minute.
demo_records()
{
    jq -nc --argjson now "$(date +%s)" '
        ["ada", "grace", "alan", "edsger", "barbara"] as $users
        | [["auth", "user.login", "info"], ["shop", "product.view", "info"], ["shop", "cart.add", "info"],
           ["shop", "order.create", "info"], ["billing", "payment.charge", "info"],
           ["billing", "payment.decline", "warn"], ["shop", "product.view", "info"],
           ["auth", "user.logout", "info"], ["mail", "receipt.send", "info"],
           ["auth", "password.fail", "warn"], ["mail", "receipt.bounce", "error"]] as $kinds
        | [range(48) as $i
           | $kinds[$i * 7 % ($kinds | length)] as [$service, $action, $severity]
           | {service: $service, action: $action, severity: $severity, userId: $users[$i * 3 % 5],
              timestamp: ($now - 60 + $i * 1.25 | floor | todate),
              outcome: (if $severity == "info" then "success" else "failure" end),
              metadata: {ip: "192.0.2.\($i % 20 + 1)", sessionId: "demo-\($i % 5)", step: $i}}]'
}
