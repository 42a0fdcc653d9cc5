#!/usr/bin/env bash
# Runs nginx with the shipped sites, node_exporter with the file of deploy/certificate, and Prometheus with
# the shipped scrapes and rules. Checks what is seen of the public port and of the certificate. Only
# addresses and intervals differ. Ends only what it started.
#
# Needs nginx, openssl, prometheus, prometheus-node-exporter and curl. `cargo xtask test --test e2e
# monitoring` calls it.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$(readlink -f "$0")")/lib.sh"
project=$(cd "$(dirname "$0")/../.." && pwd)
dir=$(mktemp -d)
chmod 755 "$dir"
PATH=$PATH:/usr/sbin
pids=()
finish() {
    for pid in "${pids[@]}"; do
        if kill "$pid" 2> /dev/null; then wait "$pid" || true; fi
    done
    rm -rf "$dir"
}
trap finish EXIT
http=$(free_port) https=$(free_port) node=$(free_port) prometheus=$(free_port)

cp -r "$project/nginx/." "$dir/"
mkdir "$dir/log" "$dir/run" "$dir/textfiles"
find "$dir" -name '*.conf' -exec sed -i \
    -e "s#/var/log/nginx#$dir/log#; s#/run/#$dir/run/#; s#/var/www/acme#$dir/acme#" \
    -e "s#/etc/letsencrypt/live/bridge#$dir#" \
    -e "s#listen 80 #listen 127.0.0.1:$http #; s#listen 443 #listen 127.0.0.1:$https #" {} +
ln -s ingest/local.conf "$dir/ingest.conf"
# certificate DAYS: as certbot renews it and nginx loads it
certificate() {
    openssl req -x509 -newkey rsa:2048 -nodes -days "$1" -subj /CN=bot.example.com \
        -keyout "$dir/privkey.pem" -out "$dir/fullchain.pem" 2> /dev/null
}
# site NAME: nginx serves it
site() {
    ln -sfn "sites/$1.conf" "$dir/site.conf"
    kill -HUP "$nginx" && sleep 1
}
certificate 90
ln -s sites/https.conf "$dir/site.conf"
nginx -e "$dir/log/error.log" -c "$dir/nginx.conf" -g 'daemon off;' &
nginx=$!
pids+=("$nginx")
prometheus-node-exporter --collector.disable-defaults --collector.textfile \
    --collector.textfile.directory="$dir/textfiles" --web.listen-address="127.0.0.1:$node" > "$dir/node.log" 2>&1 &
pids+=($!)
sed 's/for: .*/for: 1s/' "$project/deploy/prometheus/alerts.yml" > "$dir/rules.yml"
sed -e "s#/etc/prometheus/alerts.yml#$dir/rules.yml#; s/_interval: 15s/_interval: 1s/" \
    -e "s/nginx:80/127.0.0.1:$http/; s/nginx:443/127.0.0.1:$https/; s/node-exporter:9100/127.0.0.1:$node/" \
    -e "s/alertmanager:9093/127.0.0.1:1/; s/dns_sd_configs: .*/static_configs: []/" \
    "$project/deploy/prometheus/prometheus.yml" > "$dir/prometheus.yml"
prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/tsdb" \
    --web.listen-address="127.0.0.1:$prometheus" > "$dir/prometheus.log" 2>&1 &
pids+=($!)
value() { # the value of a query's only series
    curl -sfG "http://127.0.0.1:$prometheus/api/v1/query" --data-urlencode "query=$1" |
        sed -n 's/.*"value":\[[^,]*,"\([^"]*\)"\].*/\1/p'
}
firing() { # how many of this alert fire
    value "count(ALERTS{alertname=\"$1\",alertstate=\"firing\"}) or vector(0)"
}

check "nginx answers on the public port" 1 "$(until_is 30 1 value 'up{job="nginx-tls"}')"
check "  and on port 80, where it says that there is TLS" 1 "$(until_is 10 1 value 'nginx_tls{job="nginx"}')"
check "  with a type that Prometheus 3 takes" "text/plain; version=0.0.4" \
    "$(curl -s -o /dev/null -w '%{content_type}' "http://127.0.0.1:$http/alive")"
check "without the certificate's end there is an alert" 1 "$(until_is 20 1 firing CertificateUnknown)"
# The day of the certificate's end, as Linux' own date reads it.
seconds() { date -d "$(openssl x509 -noout -enddate -in "$dir/fullchain.pem" | cut -d= -f2)" +%s; }
"$project/deploy/certificate" "127.0.0.1:$https" "$dir/textfiles/certificate.prom"
check "its end is reported" "$(seconds)" \
    "$(until_is 20 "$(seconds)" value 'bukza_bridge_certificate_expiry_timestamp_seconds')"
check "  and ends the alert" 0 "$(until_is 20 0 firing CertificateUnknown)"
check "90 days are enough" 0 "$(firing CertificateExpires)"
certificate 13
"$project/deploy/certificate" "127.0.0.1:$https" "$dir/textfiles/certificate.prom"
sleep 3
check "a certificate that nginx has not loaded does not count" 0 "$(firing CertificateExpires)"
site https
"$project/deploy/certificate" "127.0.0.1:$https" "$dir/textfiles/certificate.prom"
check "13 days are too few" 1 "$(until_is 20 1 firing CertificateExpires)"
status=0
"$project/deploy/certificate" 127.0.0.1:1 "$dir/textfiles/certificate.prom" 2> "$dir/error" || status=$?
check "a server that does not answer is named" "1 certificate: 127.0.0.1:1 shows none" "$status $(cat "$dir/error")"
check "  and the end is kept" yes "$(grep -q "seconds $(seconds)$" "$dir/textfiles/certificate.prom" && echo yes)"

# The port of HTTPS is lost, as by a wrong change of the site.
sed -i "s/127.0.0.1:$https /127.0.0.1:$(free_port) /" "$dir/sites/https.conf"
site https
check "without HTTPS there is an alert" 1 "$(until_is 30 1 firing HttpsDown)"
site http
check "  but not where TLS ends elsewhere" 0 "$(until_is 20 0 firing HttpsDown)"
check "  nor about the certificate" 0 "$(until_is 20 0 firing CertificateExpires)"
check "  and nginx still answers on port 80" 1 "$(value 'up{job="nginx"}')"
[ "$failures" = 0 ] || { echo "$failures checks failed"; tail -3 "$dir/prometheus.log" "$dir/log/error.log"; exit 1; }
