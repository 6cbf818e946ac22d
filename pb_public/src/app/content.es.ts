import table from '../../../hooks/program/spanish.json'

/** By the mark of the English (vite.config.ts makes it so). */
export const text = table as unknown as Record<string, string>
