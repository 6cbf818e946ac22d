/** Whether a lock is set (lock.ts), and after how long out of sight it falls shut. */
export const LOCK = 'interictal-lock'
export const HIDDEN_FOR = 2 * 60_000

export const hasLock = () => !!localStorage.getItem(LOCK)
