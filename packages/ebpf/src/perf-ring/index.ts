/** Rings of perf events: executable mappings of all processes. */
export { onlineCpus } from '../sys/index.ts'
export {
  type MappedFile,
  type Mapping,
  MappingEvents,
  type MappingObserver,
} from './mapping-events.ts'
