/** The built page: its files by their paths in addresses. `npm run build` writes it. */
export declare const pageFiles: Readonly<Record<string, string>>
