import { createSubscriber } from 'svelte/reactivity'

/** A source that calls back with each new value, as a value that markup can simply read: `live(watch, []).value`. */
export function live<T>(source: (onChange: (value: T) => void) => () => void, initial: T) {
  let value = initial
  const subscribe = createSubscriber(update => source(next => ((value = next), update())))
  return {
    get value() {
      subscribe()
      return value
    },
  }
}
