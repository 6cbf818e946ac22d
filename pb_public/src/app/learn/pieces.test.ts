import { expect, test } from 'vitest'
import { pieces, question } from './pieces'

test('paragraphs, a heading, a list; markup stays what it is: letters', () => {
  expect(pieces('# Sleep\n\nOne\nline.\n\n- a\n- <b>b</b>\n\n<script>x</script>')).toEqual([
    { words: 'Sleep', heading: true, list: [] },
    { words: 'One line.', heading: false, list: [] },
    { words: '', heading: false, list: ['a', '<b>b</b>'] },
    { words: '<script>x</script>', heading: false, list: [] },
  ])
})

test('the question at the end is asked below the text, and only there', () => {
  const body = 'Get up at the same time.\n\nSay it back: when will you get up?'
  expect([question(body), pieces(body).map(p => p.words)]).toEqual(['Say it back: when will you get up?', ['Get up at the same time.']])
  expect([question('Only this?'), question('One.\n\nTwo.'), question('')]).toEqual(['', '', ''])
})
