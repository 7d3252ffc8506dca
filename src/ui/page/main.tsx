import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { About } from '../wire.js';
import { App } from './app.js';
import { ask } from './ask.js';

function Page() {
  const [about, setAbout] = useState<About>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    ask<About>('about').then(setAbout, (error: Error) => setProblem(error.message));
  }, []);
  if (problem !== undefined) return <p class="lost">{problem}</p>;
  return about ? <App about={about} /> : null;
}

const root = document.getElementById('page');
if (root) render(<Page />, root);
