/** Programs and maps that belong together, in the kernel. */
export { Collection, type CollectionTarget, type ReplacedMaps } from './collection.ts'
