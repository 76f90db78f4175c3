import type { ProcessUsdt } from '../../messages/event.ts'
import { type Line, plain } from '../line.ts'

/** `🕵️ usdt    default/xwing /usr/bin/python3 /usr/lib/libpython3.so python gc__start` */
export function usdtLine({ process, path, provider, name }: ProcessUsdt): Line {
  const columns = [plain(path), plain(provider), plain(name)]
  return { icon: '🕵\ufe0f', word: 'usdt', process, columns }
}
