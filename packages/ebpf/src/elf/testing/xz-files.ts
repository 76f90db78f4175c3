/** The text of the files below: 120 lines. */
export const xzText = Array.from(
  { length: 120 },
  (_, index) => `symbol_${(index * 7919) % 1000} at ${index}\n`,
).join('')

const encoded = {
  /** `xz -9 --check=crc32` */
  single: [
    '/Td6WFoAAAFpIt42BMDMA/EPIQEcAAAAAAAAAJBnIzngB/ABxF0AOZ5J3ZRxRuPgiz3jAJSPkuXdoNGCAQ0mQ8xv8p',
    'fMFyeUisRHU9WxtBqTVMIB7w2umy/p+Im1OTqRwpmhb/MkmQUTCZR2egUUaHbjmSmCum/m/sT/PhMNscNvOz1ECbhh',
    'arL3Zj3V2bebwKUVe6Ce15+hGFiFDVHB0VldsDtEVu5d1XXbGs+gq+3vmCmXZ0NLmjq59HR0CuRFE/y8aAXHrXYhk+',
    'rUJ7cY1CnRYr3iZbP3Fm3sZ+7gPwWQnW8fRn9BqTIP2UMXIpMuNRRUyopQf3eJ13dsvt9e9+cG+04lwRkkfSLMumeU',
    'QMDGkYABwwSQ20UTYXVYWuZbIQrXz3Xx88acgbTi5DmJ1muorsvPB20GxDv4k2SX/bRCA/HfI4WLJ3Vcsxhud9NJch',
    'BB+DXdNwlupPVmum7q9kwi69DO3T0tdX5haR4Hgs+GtnyVgaIoeKYNpvEONotgjEknK4W9FUSz+T7hM+9iK3WTZThW',
    'Th0rqBZwbUigEmQRmL2TF1WyCwxy+dpyXiKoBEMtnuyieNQMaAocO20fy6j+sFzIgzvXjDNcneVZxFJ2hfqV+tl/v4',
    'V6YSDI3ujB/vxfPf3jl+qmCAAAyj42WQAB5APxDwAAZsGmPD4wDYsCAAAAAAFZWg==',
  ],
  /** `xz --check=crc64 --block-size=1024` */
  blocks: [
    '/Td6WFoAAATm1rRGA8CXAoAIIQEWAAAAJL9VROAD/wEPXQA5nkndlHFG4+CLPeMAlI+S5d2g0YIBDSZDzG/yl8wXJ5',
    'SKxEdT1bG0GpNUwgHvDa6bL+n4ibU5OpHCmaFv8ySZBRMJlHZ6BRRoduOZKYK6b+b+xP8+Ew2xw287PUQJuGFqsvdm',
    'PdXZt5vApRV7oJ7Xn6EYWIUNUcHRWV2wO0RW7l3Vddsaz6Cr7e+YKZdnQ0uaOrn0dHQK5EUT/LxoBcetdiGT6tQntx',
    'jUKdFiveJls/cWbexn7uA/BZCdbx9Gf0GpMg/ZQxciky41FFTKilB/d4nXd2y+31735wb7TiXBGSR9Isy6Z5RAwMaR',
    'gAHDBJDbRRNhdVha5lshCtfPdfHzxpyBtOLkOYnWa6h007GqAADW47gcphV2sgPAkgLxByEBFgAAAIeVzjTgA/ABCl',
    '0ANhfCo5ER1ZJeiEhEjkhMJSjI/B/hi+PiYZm5BZ6yeJ6wD3eOimMzU4p22RiTAJH/c/wZTF4KdIPLJbaz6qFDJCVB',
    'DoMhGhulhjN8SpGzBXhyw1dO+XV6vVY5KkM/8VusfrixXj6lzFaggglhvC5WjOn8j4iiYfeX0SUJXrqmjRev7qa559',
    'OBSvPccldQgkSEmua1DayTm98wNrrOf+6RkjEy8kMznVjcZJLz41PjTavjYEYQrqUJ6xESXye1AQEfjFvYJAa9yhYP',
    'G/3gTsh0BrANbo5KMO948CvCOQJJHD9G74SOXd6WvWPck4OPDX9gz1AzP/jle3O6sZT6nEcmdb7R8wRF2lwgACoAAA',
    'Bk2gMBsB4iPAACrwKACKoC8QcAAGbLGswUFzswAwAAAAAEWVo=',
  ],
  /** `xz --check=sha256 --lzma2=preset=6,lc=0,lp=2,pb=1` */
  parameters: [
    '/Td6WFoAAArh+wyhBMDwA/EPIQEWAAAAAAAAAMGuwCngB/AB6D8AOZ5KE4eFRF2RvFc8uqbMFuLOe6Fu10jt1ZDluZ',
    'Wzy+tNJm/SR08nuUOCsQQVKlV9xSLrauLqP+CbaASdpnyhEOFKVR/rPy+Y27Mc1B+OXclxENVG4a/CibgJ1QwXKvrU',
    '/SJ3TM+IotMKp2HWcV5jww6AhO7wdMGRN0QyyVRZoPhYU+mMXOWBEbR3iujT0qOtMv5drD1sKTsxnyIpLFLmsKC1Nx',
    'Ixidrg2nkMeoTnPoP842XUcwGFEOAJH74qHYOg3Pqae/rb/Rh1oMTIjSy9aJbppw8tIoERibKfkPHYBgAx1xTbjmke',
    'seYvmyGVPX4feJEYU3U/H56xUjLda9t6X2wK3l+wVt6TuqMRCQii1BY9xa+2y8yuwn8csMKcEPzYqOhVOoF3gniCYk',
    'qJIL0BQ66waE/E+4XXdErjG7rA0oJm3hHPF18WQag0aMd5ZbALUoxwsof0IyMBgO6psy9NYeGMTLIVZ89hxQOjq9u3',
    'enSIyWmk0zaZUwRMb1O6Eh3YP1gJentjnrD71N26iDkm5fLKy7ZBuDJvi1FkxwujghIS91zdVRCd1aRm6zKKHqtSgb',
    'IKplUZQGkTccQ1gqoALB1QL10Nw+2dsH040rarQ85/CoY9qAMx7ZSEmOXVuE2xdluG59z5ywEAREKUD8+EJdSgnVNe',
    'noD9JydvMI6MYc/h+ullHQ0XnekAAaQE8Q8AABoX3oG26d8cAgAAAAAKWVo=',
  ],
  /** `xz --x86 --lzma2` */
  filter: [
    '/Td6WFoAAATm1rRGBMHMA/EPBAAhARYAAAAAADHM51PgB/ABxF0AOZ5J3ZRxRuPgiz3jAJSPkuXdoNGCAQ0mQ8xv8p',
    'fMFyeUisRHU9WxtBqTVMIB7w2umy/p+Im1OTqRwpmhb/MkmQUTCZR2egUUaHbjmSmCum/m/sT/PhMNscNvOz1ECbhh',
    'arL3Zj3V2bebwKUVe6Ce15+hGFiFDVHB0VldsDtEVu5d1XXbGs+gq+3vmCmXZ0NLmjq59HR0CuRFE/y8aAXHrXYhk+',
    'rUJ7cY1CnRYr3iZbP3Fm3sZ+7gPwWQnW8fRn9BqTIP2UMXIpMuNRRUyopQf3eJ13dsvt9e9+cG+04lwRkkfSLMumeU',
    'QMDGkYABwwSQ20UTYXVYWuZbIQrXz3Xx88acgbTi5DmJ1muorsvPB20GxDv4k2SX/bRCA/HfI4WLJ3Vcsxhud9NJch',
    'BB+DXdNwlupPVmum7q9kwi69DO3T0tdX5haR4Hgs+GtnyVgaIoeKYNpvEONotgjEknK4W9FUSz+T7hM+9iK3WTZThW',
    'Th0rqBZwbUigEmQRmL2TF1WyCwxy+dpyXiKoBEMtnuyieNQMaAocO20fy6j+sFzIgzvXjDNcneVZxFJ2hfqV+tl/v4',
    'V6YSDI3ujB/vxfPf3jl+qmCAAANl7gh3aGeA4AAegD8Q8AAB0BZEuxxGf7AgAAAAAEWVo=',
  ],
}

/** The text, packed with several options of xz. */
export const xzFiles = Object.fromEntries(
  Object.entries(encoded).map(([name, lines]) => [name, Buffer.from(lines.join(''), 'base64')]),
) as Readonly<Record<keyof typeof encoded, Buffer>>

/** An .xz file that contains the bytes as they are: up to 65536. Its checksums are zero. */
export function storedXz(bytes: Buffer): Buffer {
  const size = bytes.length - 1
  return xzOf([Buffer.from([1, size >> 8, size & 0xff]), bytes])
}

/** An .xz file with `count` compressed chunks of one zero byte, each of which resets all state. */
export function resettingXz(count: number): Buffer {
  const chunk = Buffer.from('e0000000055d' + '000000000000', 'hex')
  return xzOf(Array.from({ length: count }, () => chunk))
}

/** An .xz file with one block of these chunks. Its checksums are zero. */
function xzOf(chunks: readonly Buffer[]): Buffer {
  const head = Buffer.from('fd377a585a000001' + '00000000' + '0200210116000000' + '00000000', 'hex')
  const data = Buffer.concat([...chunks, Buffer.from([0])])
  const padding = Buffer.alloc((4 - (data.length % 4)) % 4)
  return Buffer.concat([head, data, padding, Buffer.alloc(4 + 1)])
}
