import { resolve } from 'node:path'
import type { ExportOptions } from '../reader/export/output-options.ts'
import { megabyte } from '../reader/outputs/export-file.ts'
import type { SinkOptions } from '../reader/outputs/open-sink.ts'
import type { Settings } from './families/index.ts'

/** The size that 0 stands for, as in the original. */
const defaultMaxSizeMb = 100

/** Options of the export; undefined if events are exported unchanged. */
export function exportOptions(settings: Settings): ExportOptions | undefined {
  const allow = settings['export-allowlist']
  const deny = settings['export-denylist']
  const fieldFilters = settings['field-filters']
  const limit = settings['export-rate-limit']
  const rateLimit = limit > 0 ? limit : undefined
  const aggregation = settings['enable-export-aggregation']
    ? {
        windowMs: settings['export-aggregation-window-size'],
        limit: settings['export-aggregation-buffer-size'],
      }
    : undefined
  const hasExtensions = settings['export-extension-fields']
  const filters = allow.length + deny.length + fieldFilters.length
  const isLimited = rateLimit !== undefined || aggregation !== undefined
  if (filters === 0 && !isLimited && hasExtensions) return undefined
  return { allow, deny, fieldFilters, hasExtensions, rateLimit, aggregation }
}

/** Destination of the events. */
export function sinkOptions(settings: Settings): SinkOptions {
  if (settings['export-rate-limit'] === 0) return { kind: 'none' }
  const path = settings['export-filename']
  if (path === '') return { kind: 'stdout' }
  const maxSize = (settings['export-file-max-size-mb'] || defaultMaxSizeMb) * megabyte
  return {
    kind: 'file',
    path: resolve(path),
    mode: settings['export-file-perm'],
    rotation: {
      maxSize,
      interval: settings['export-file-rotation-interval'],
      maxBackups: settings['export-file-max-backups'],
      compress: settings['export-file-compress'],
    },
  }
}
