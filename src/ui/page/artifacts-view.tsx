import { useState } from 'preact/hooks';
import { sizeText } from '../../core/words.js';
import type { ArtifactFile, RunAnswer } from '../wire.js';
import { filePath } from './ask.js';
import { oneLine } from './format.js';
import { TextView } from './text-view.js';

/** The artifacts of a run: images are shown, texts open by a click, all files can be downloaded. */
export function ArtifactsView({ run }: { run: RunAnswer }) {
  const { id, artifacts, moreArtifacts } = run;
  const [open, setOpen] = useState<string>();
  if (artifacts.length === 0) return <p class="none">none</p>;
  const images = artifacts.filter((one) => 'shows' in one && one.shows === 'image');
  return (
    <>
      <div class="images">
        {images.map(({ path }) => (
          <figure key={path}>
            <a href={`files/${filePath(id, path)}`} target="_blank" rel="noreferrer">
              <img src={`files/${filePath(id, path)}`} alt={oneLine(path)} loading="lazy" />
            </a>
            <figcaption>{nameOf(path)}</figcaption>
          </figure>
        ))}
      </div>
      <table>
        <tbody>
          {artifacts.map((file) =>
            'target' in file ? (
              <tr key={file.path}>
                <td>{nameOf(file.path)}</td>
                <td class="dim" colSpan={2}>
                  link to {oneLine(file.target)}
                </td>
              </tr>
            ) : (
              <tr key={file.path}>
                <td>
                  <FileName file={file} onOpen={() => setOpen(open === file.path ? undefined : file.path)} />
                </td>
                <td class="number">{sizeText(file.bytes)}</td>
                <td>
                  <a href={`files/${filePath(id, file.path)}`} download>
                    download
                  </a>
                </td>
              </tr>
            ),
          )}
        </tbody>
      </table>
      {moreArtifacts && <p class="dim">and further files in the run's directory</p>}
      {open !== undefined && <TextView key={open} id={id} path={open} title={nameOf(open)} />}
    </>
  );
}

const nameOf = (path: string) => oneLine(path.replace(/^artifacts\//, ''));

interface FileNameOf {
  readonly file: Extract<ArtifactFile, { readonly shows: unknown }>;
  readonly onOpen: () => void;
}

function FileName({ file: { path, shows }, onOpen }: FileNameOf) {
  if (shows !== 'text') return <>{nameOf(path)}</>;
  return (
    <button type="button" class="link" onClick={onOpen}>
      {nameOf(path)}
    </button>
  );
}
