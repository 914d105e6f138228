"""What is said of files and of indexing them, in English and Russian; see ``web.said``."""

FILES: dict[str, str] = {
    # what a file is, and what is wrong with it
    "the file is empty": "файл пуст",
    "it is not a file": "это не файл",
    "it is empty": "пусто",
    "damaged file": "файл повреждён",
    "damaged file ({cause})": "файл повреждён ({cause})",
    "nested too deeply": "слишком глубокая вложенность",
    "binary data, not text": "двоичные данные, а не текст",
    "no text in it": "в файле нет текста",
    "cannot be opened ({cause})": "файл не открывается ({cause})",
    "no parser reads {suffix}": "файлы {suffix} не читаются",
    "no parser reads files of this kind": "такие файлы не читаются",
    "{size} MiB, above the limit of {limit} MiB": "размер {size} МБ, больше предела в {limit} МБ",
    "its pages have no picture": "у страниц этого файла нет изображения",
    "it has no page {page}": "страницы {page} нет",
    "page {page} shows nothing": "страница {page} пуста",
    "encrypted": "файл зашифрован",
    "encrypted (protected against copying)": "файл зашифрован (защита от копирования)",
    "password-protected": "файл защищён паролем",
    "damaged PDF": "PDF повреждён",
    "damaged PDF, it has no pages": "PDF повреждён, страниц в нём нет",
    "damaged PDF, none of its pages can be read": "PDF повреждён, ни одна страница не читается",
    "no text and no picture in it": "в файле нет ни текста, ни картинок",
    "damaged picture": "картинка повреждена",
    "damaged ({cause})": "картинка повреждена ({cause})",
    "{width} x {height} pixels, above the limit of {limit}": (
        "{width} × {height} пикселей, больше предела в {limit}"
    ),
    "cannot be developed ({cause})": "снимок не проявить ({cause})",
    "damaged workbook": "книга таблиц повреждена",
    "no workbook in it": "в файле нет таблиц",
    "no sheets in it": "в файле нет листов",
    "no slides in it": "в файле нет слайдов",
    "no Word document in it": "в файле нет документа Word",
    "not a Word document": "это не документ Word",
    "not an RTF file": "это не файл RTF",
    "a file of an older Office": "это файл старого Office",
    "damaged or not an office file": "файл повреждён или это не офисный файл",
    "no XML in it": "в файле нет XML",
    "no subtitles in it": "в файле нет субтитров",
    "no book in it": "в файле нет книги",
    "damaged book": "книга повреждена",
    "unpacks to {size} MiB, above the limit of {limit} MiB": (
        "в распакованном виде {size} МБ, больше предела в {limit} МБ"
    ),
    "no messages of a mailbox in it": "в файле нет писем почтового ящика",
    "no header lines of an e-mail in it": "в файле нет заголовков письма",
    "damaged message inside": "вложенное письмо повреждено",
    "damaged message, its parts nest without end": "письмо повреждено, его части вложены без конца",
    "damaged, or no Outlook message": "файл повреждён или это не письмо Outlook",
    # archives
    "no files in it": "в архиве нет файлов",
    "neither a ZIP nor a TAR archive": "это не архив ZIP или TAR",
    "damaged archive ({cause})": "архив повреждён ({cause})",
    "cannot be unpacked ({cause})": "не распаковать ({cause})",
    "its name points outside the archive": "имя файла ведёт за пределы архива",
    "it is not in there any more": "файла больше нет в архиве",
    "it grew since it was listed": "файл вырос с тех пор, как был составлен список",
    "more than {n} files inside": (
        "внутри больше {n} файла|внутри больше {n} файлов|внутри больше {n} файлов"
    ),
    "unpacks to more than {size} MiB": "в распакованном виде больше {size} МБ",
    "archives nested more than {n} deep": (
        "архивы вложены глубже {n} уровня|"
        "архивы вложены глубже {n} уровней|"
        "архивы вложены глубже {n} уровней"
    ),
    "{cause}: the rest is not read": "{cause}: остальное не прочитано",
    # the process that reads files
    "gives more than {size} MiB of output": "получается больше {size} МБ данных",
    "needs more than {size} MiB of memory": "нужно больше {size} МБ памяти",
    "no room in {folder} to unpack it": "нет места для распаковки, папка: {folder}",
    "took longer than {number} s": "чтение заняло больше {number} с",
    "took longer than {number} s for one page": "чтение одной страницы заняло больше {number} с",
    "the parser answered with nonsense": "программа чтения ответила бессмыслицей",
    "the parser crashed (signal {code})": "сбой программы чтения (сигнал {code})",
    "the parser crashed (exit status {code})": "сбой программы чтения (код завершения {code})",
    "it did not start": "не запускается",
    "it did not start ({cause})": "не запускается ({cause})",
    "it ended as soon as it had started": "завершается сразу после запуска",
    # looking through folders
    "there is no such file or folder": "такого файла или папки нет",
    "its name is not in UTF-8": "имя файла не в UTF-8",
    "the folder cannot be listed; what is known of its files is kept": (
        "папка не читается; сведения о её файлах сохранены"
    ),
    "cannot be understood ({cause})": "файл непонятен ({cause})",
    "the file is not there any more": "файла больше нет",
    "{n} of its files are not there, such as {path}": (
        "нет на месте {n} файла, например: {path}|"
        "нет на месте {n} файлов, например: {path}|"
        "нет на месте {n} файлов, например: {path}"
    ),
    "something went wrong": "что-то пошло не так",
    "it has not been indexed yet": "файл ещё не проиндексирован",
    "its document was lost": "документ этого файла утерян",
    # remedies
    "check that it may be read": "проверьте права на чтение",
    "check that it exists and may be read": "проверьте, что файл есть и его можно читать",
    "check the file and its permissions": "проверьте файл и права на него",
    "check the file's permissions": "проверьте права на файл",
    "check its permissions": "проверьте права",
    "check its disk and its permissions": "проверьте диск и права",
    "check its permissions and the free space": "проверьте права и свободное место",
    "check the file's content": "проверьте содержимое файла",
    "check the spelling": "проверьте написание",
    "copy it again": "скопируйте файл заново",
    "copy or export it again": "скопируйте или экспортируйте файл заново",
    "copy it again from the camera, or save it as DNG or JPEG": (
        "скопируйте файл с камеры заново или сохраните как DNG или JPEG"
    ),
    "export it again": "экспортируйте файл заново",
    "export them again": "экспортируйте их заново",
    "export it as mbox again": "экспортируйте ящик в mbox заново",
    "export or print it to PDF again": "экспортируйте или напечатайте в PDF заново",
    "download or export it again": "скачайте или экспортируйте книгу заново",
    "save it again in its program": "пересохраните файл в его программе",
    "save it again in its program, or leave it out": (
        "пересохраните файл в его программе или исключите его"
    ),
    "save it as PDF, HTML, text or a picture": "сохраните как PDF, HTML, текст или картинку",
    "save it without the password": "сохраните без пароля",
    "save a copy without a password": "сохраните копию без пароля",
    "save it as .eml or .msg again": "сохраните заново как .eml или .msg",
    "save it from Outlook again": "сохраните из Outlook заново",
    "use an edition without copy protection": "возьмите издание без защиты от копирования",
    "give it the suffix of its format": "дайте файлу расширение его формата",
    "rename it": "переименуйте файл",
    "add it again": "добавьте файл заново",
    "name a file": "укажите файл",
    "index again": "проиндексируйте заново",
    "index the file again": "проиндексируйте файл заново",
    "run sightline index on its folder": "выполните sightline index для его папки",
    "show the text of the page instead": "откройте вместо этого текст страницы",
    "write it like a .gitignore": "пишите как в .gitignore",
    "pack it again": "упакуйте заново",
    "pack it again from its source": "упакуйте заново из исходных файлов",
    "pack it with plain names": "упакуйте с простыми именами",
    "unpack it with its password": "распакуйте с паролем",
    "unpack it, or raise {variable}": "распакуйте или увеличьте {variable}",
    "unpack it and split it, or raise {variable}": (
        "распакуйте и разделите или увеличьте {variable}"
    ),
    "split it or raise {variable}": "разделите файл или увеличьте {variable}",
    "scale it down or raise {variable}": "уменьшите картинку или увеличьте {variable}",
    "make its pictures smaller or raise {variable}": (
        "уменьшите картинки в файле или увеличьте {variable}"
    ),
    "leave it out or raise {variable}": "исключите файл или увеличьте {variable}",
    "run {command} to see why": "выполните {command}, чтобы узнать причину",
    "free some disk space there, or set TMPDIR to a folder on another disk": (
        "освободите там место или укажите в TMPDIR папку на другом диске"
    ),
    "free some disk space, then run the same command again": (
        "освободите место на диске и повторите"
    ),
    "close other programs, then run the same command again": (
        "закройте другие программы и повторите"
    ),
    "allow more open files (ulimit -n), then run the same command again": (
        "разрешите больше открытых файлов (ulimit -n) и повторите"
    ),
    "bring them back, or run sightline index on their folder to let them go": (
        "верните их или выполните sightline index для их папки, чтобы забыть о них"
    ),
    "see the log, then try again": "посмотрите журнал и повторите",
    "look at the job later": "посмотрите на задание позже",
    # what is missing from a document
    "only the first {n} of {total} pages are read": (
        "прочитана только {n} страница, всего: {total}|"
        "прочитаны только первые {n} страницы, всего: {total}|"
        "прочитаны только первые {n} страниц, всего: {total}"
    ),
    "only the first {n} values are read": (
        "прочитано только первое {n} значение|"
        "прочитаны только первые {n} значения|"
        "прочитаны только первые {n} значений"
    ),
    "only the first {n} lines are read": (
        "прочитана только первая {n} строка|"
        "прочитаны только первые {n} строки|"
        "прочитаны только первые {n} строк"
    ),
    "only the first {n} cells are read; left out: {parts}": (
        "прочитана только первая {n} ячейка; не прочитано: {parts}|"
        "прочитаны только первые {n} ячейки; не прочитано: {parts}|"
        "прочитаны только первые {n} ячеек; не прочитано: {parts}"
    ),
    "{cause} and {n} more": "{cause} и ещё {n}",
    "sheet {name}": "лист «{name}»",
    "sheet {name} after row {n}": "лист «{name}» после строки {n}",
    "sheet {name} after row {n} of {total}": "лист «{name}» после строки {n} из {total}",
    "what follows row {n}": "всё после строки {n}",
    "what follows row {n} of about {total}": "всё после строки {n} (всего около {total})",
    "what follows row {n} of sheet {name}": "всё после строки {n} листа «{name}»",
    "what follows page {page} is damaged": "всё после страницы {page} повреждено",
    "only the first {n} frames of the animation are looked at": (
        "просмотрен только первый {n} кадр анимации|"
        "просмотрены только первые {n} кадра анимации|"
        "просмотрены только первые {n} кадров анимации"
    ),
    "frames of the animation after the first {n} are damaged": (
        "анимация повреждена, читается только {n} кадр|"
        "анимация повреждена, читаются только первые {n} кадра|"
        "анимация повреждена, читаются только первые {n} кадров"
    ),
    "{n} pictures are left out: decoding them takes too long": (
        "пропущена {n} картинка: чтение слишком долгое|"
        "пропущены {n} картинки: чтение слишком долгое|"
        "пропущено {n} картинок: чтение слишком долгое"
    ),
    "a file inserted into the text is not read": "файл, вставленный в текст, не прочитан",
    "{name} is left out: larger than {size} MiB": "{name}: пропущено, больше {size} МБ",
    "{name} is damaged: some of its content is missing": (
        "{name}: повреждено, часть содержимого пропущена"
    ),
    "the file is damaged: some of its content is missing": (
        "файл повреждён: часть содержимого пропущена"
    ),
    "the file is damaged; only part of it is read": "файл повреждён; прочитана только часть",
    "the page has no text layer; set {variable}=auto": (
        "на странице нет текстового слоя; задайте {variable}=auto"
    ),
    "{n} of {total} pages have no text layer; set {variable}=auto": (
        "страниц без текстового слоя: {n} из {total}; задайте {variable}=auto"
    ),
    "page {page} is damaged and was skipped": "страница {page} повреждена и пропущена",
    "the comments on page {page} are damaged and were skipped": (
        "комментарии на странице {page} повреждены и пропущены"
    ),
    "the text in its picture was not read ({cause})": (
        "текст на её изображении не прочитан ({cause})"
    ),
    "the message is encrypted; its text cannot be read": "письмо зашифровано; текст не прочитать",
    "parts that nest too deep were not read": "слишком глубоко вложенные части не прочитаны",
    "a part of the text was not read: {cause}": "часть текста не прочитана: {cause}",
    "its text is there only as compressed RTF, which is not read": (
        "текст есть только в виде сжатого RTF, который не читается"
    ),
    "{n} of {total} chapters could not be read": "не удалось прочитать главы: {n} из {total}",
    "not valid JSON, or too large or too deep; it is read as plain text": (
        "неверный, слишком большой или слишком глубокий JSON; прочитан как простой текст"
    ),
    "{n} lines are not valid JSON; they are read as plain text": (
        "{n} строка не похожа на JSON и прочитана как простой текст|"
        "{n} строки не похожи на JSON и прочитаны как простой текст|"
        "{n} строк не похожи на JSON и прочитаны как простой текст"
    ),
    "slide {page} is damaged or missing": "слайд {page} повреждён или отсутствует",
    "formulas without a stored value: {n}; save it again in its program": (
        "формул без сохранённого значения: {n}; пересохраните файл в его программе"
    ),
    "sheet {name} is missing from the file": "листа «{name}» нет в файле",
    "sheet {name} is damaged; only part of it is read": (
        "лист «{name}» повреждён; прочитана только часть"
    ),
    # text in pictures
    "no text was found in pictures of pages that have no other": (
        "на страницах, где есть только изображение, текст не найден"
    ),
    "text in pictures was not read: {cause}": "текст на картинках не прочитан: {cause}",
    (
        "text in pictures was not read to the end: it took too long, raise {variable} or lower "
        "SIGHTLINE_PARSER_OCR_DPI"
    ): (
        "текст на картинках прочитан не до конца: слишком долго, увеличьте {variable} или "
        "уменьшите SIGHTLINE_PARSER_OCR_DPI"
    ),
    "text in pictures was not read to the last page: it took too long, raise {variable}": (
        "текст на картинках прочитан не до последней страницы: слишком долго, увеличьте {variable}"
    ),
    "Russian text in pictures was not read: install Tesseract ({command}, or {other})": (
        "русский текст на картинках не прочитан: установите Tesseract ({command} или {other})"
    ),
    "not installed": "не установлено",
    "it lacks {languages}": "нет языков: {languages}",
    "it does not start ({cause})": "не запускается ({cause})",
    "it failed ({cause})": "сбой ({cause})",
    "its {task} model is not in {folder}": "нет модели {task}, папка: {folder}",
    "apt install {packages}, or brew install {others}, or set {variable}": (
        "выполните apt install {packages} или brew install {others} либо задайте {variable}"
    ),
}
