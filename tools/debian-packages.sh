#!/usr/bin/env bash
# Independent judges, the browser and what makes a slow line, for the tests. Skipped where they are
# already there or where packages cannot be installed; tests that need one then say so and skip. The
# bench of delivery wants nginx-light too: it starts a server of its own, so that nobody gets it
# unasked.
set -u
need=()
command -v chromium >/dev/null || need+=(chromium)
command -v xmlsec1 >/dev/null || need+=(xmlsec1)
command -v openssl >/dev/null || need+=(openssl)
command -v ffmpeg >/dev/null || need+=(ffmpeg)
command -v mediainfo >/dev/null || need+=(mediainfo)
command -v opj_compress >/dev/null || need+=(libopenjp2-tools)
command -v tc >/dev/null || need+=(iproute2)
command -v iptables-legacy >/dev/null || need+=(iptables)
command -v pdftotext >/dev/null || need+=(poppler-utils)
ls /usr/share/poppler/cMap >/dev/null 2>&1 || need+=(poppler-data)
ls /usr/lib/postgresql/15/bin/postgres >/dev/null 2>&1 || need+=(postgresql-15)
fc-list 2>/dev/null | grep -qi 'noto.*cjk' || need+=(fonts-noto-cjk)
[ ${#need[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "not installed, tests that need them will skip: ${need[*]}"
  exit 0
fi
echo "installing: ${need[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends "${need[@]}" >/tmp/apt.log 2>&1 \
  || { tail -n 5 /tmp/apt.log; echo "could not install all of: ${need[*]}"; }
exit 0
