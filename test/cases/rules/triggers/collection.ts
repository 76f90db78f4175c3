import type { Triggers } from '../trigger.ts'

/** Triggers of the rules in this folder, and what must not match. */
export const collection: Triggers = {
  'collection/archive-with-password': {
    hits: [
      'zip -P secret x.zip x',
      '7z a -psecret x.7z x',
      ['sh', '-c', 'tar c x | openssl enc -aes-256-cbc -k y'],
    ],
    misses: ['zip -r x.zip x', '7z a x.7z x'],
  },
  'collection/archive-by-library': {
    hits: [['python3', '-c', 'import zipfile;zipfile.ZipFile("a","w")']],
    misses: [['python3', '-c', 'print("tar")']],
  },
  'collection/data-staged': {
    hits: ['tar czf /tmp/x.tgz /etc', 'cp -r /home/a /dev/shm/x'],
    misses: ['tar czf /srv/x.tgz /srv/data', 'cp /etc/hosts x'],
  },
  'collection/files-collected': {
    hits: [['find', '/home', '-name', '*.pdf', '-exec', 'cp', '{}', '/tmp', ';']],
    misses: [['find', '/home', '-name', '*.pdf']],
  },
  'collection/screen-captured': {
    hits: ['import -window root x.png', 'xwd -root -out x', 'scrot x.png'],
    misses: ['import-im6 --version', 'ffmpeg -i a b'],
  },
  'collection/clipboard-read': {
    hits: ['xclip -selection clipboard -o', 'wl-paste'],
    misses: ['xclip -i', 'wl-copy x'],
  },
  'collection/sound-recorded': {
    hits: ['arecord -d 5 x.wav', 'ffmpeg -f pulse -i default x.mp3'],
    misses: ['arecord -l'],
  },
  'collection/camera-recorded': {
    hits: ['fswebcam x.jpg', 'ffmpeg -f v4l2 -i /dev/video0 x.mp4'],
    misses: ['ffmpeg -i a.mp4 b.mp4'],
  },
  'collection/database-dumped': {
    hits: ['mysqldump --all-databases', 'pg_dumpall -U postgres', ['sqlite3', 'x.db', '.dump']],
    misses: ['psql -l', 'sqlite3 x.db'],
  },
  'collection/mail-read': {
    hits: ['cat /var/mail/root', 'tar czf x.tgz /home/a/.thunderbird/'],
    misses: ['ls /var/mail'],
  },
  'collection/removable-media': {
    hits: ['ls /media/usb', 'cp -r x /run/media/a/usb/'],
    misses: ['ls /mnt'],
  },
  'collection/network-share-mounted': {
    hits: [
      'mount -t cifs //192.0.2.7/a /mnt',
      'smbclient //192.0.2.7/a -c ls',
      'sshfs a@192.0.2.7:/ /mnt',
    ],
    misses: ['mount -t tmpfs x /mnt'],
  },
  'collection/database-read-or-changed': {
    hits: [
      ['sqlite3', 'a.db', 'update t set x = 2'],
      ['mysql', '-e', 'select * from users'],
    ],
    misses: ['sqlite3 a.db', 'mysql --version'],
  },
  'collection/encrypted-by-own-code': {
    hits: [
      ['perl', '-e', 'print map { $_ ^ "k" } <I>'],
      ['python3', '-c', 'print(bytes(x ^ 85 for x in b"a"))'],
    ],
    misses: [['python3', '-c', 'print(1)']],
  },
}
