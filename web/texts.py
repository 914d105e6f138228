"""Every sentence of the pages, in English and Russian. ``a|b`` (``a|b|c``) are plural forms."""

from werkzeug.datastructures import LanguageAccept

LANGUAGES = ("en", "ru")

TEXTS: dict[str, dict[str, str]] = {
    "en": {
        "ocr": "read by OCR, confidence {percent}%",
        "duplicates": "{n} more like it|{n} more like it",
        "copies": "{n} identical file|{n} identical files",
        "job_running": "Indexing {collection}",
        "job_stalled": "Indexing {collection} stopped without finishing: run it again",
        "job_files": "{done} of {total} files",
        "job_waiting": "{n} file not yet searchable|{n} files not yet searchable",
        "job_eta": "about {minutes} min left",
        "fact_author": "Author",
        "fact_from": "From",
        "fact_to": "To",
        "fact_date": "Date",
        "fact_date_taken": "Taken",
        "fact_place": "Place",
        "fact_camera": "Camera",
        "fact_keywords": "Keywords",
        "skip": "Skip to content",
        "menu": "Main",
        "nav_ask": "Ask",
        "nav_search": "Search",
        "nav_similar": "Photos",
        "nav_documents": "Documents",
        "nav_status": "Status",
        "nav_upload": "Add files",
        "theme": "Switch between light and dark",
        "working": "Working…",
        "working_ask": "Reading your documents…",
        "working_search": "Searching…",
        "working_upload": "Reading and indexing the files. Large ones take a while…",
        "network_error": "The server did not answer. Is it still running?",
        "all_collections": "All collections",
        "collection": "Collection",
        "collections": "Collections",
        "documents_count": "{n} document|{n} documents",
        "chunks_count": "{n} passage|{n} passages",
        "crops_count": "{n} picture region|{n} picture regions",
        "pages_count": "{n} page|{n} pages",
        "page": "page {n}",
        "page_title": "Page {n}",
        "photo": "photo",
        "page_alt": "Page {n} of {title}",
        "photo_alt": "Photo: {title}",
        "region_alt": "Region of {title}",
        "ask_title": "Ask your documents",
        "ask_lead": "Each sentence of an answer points to the place it comes from.",
        "ask_label": "Your question",
        "ask_placeholder": "What would you like to know?",
        "ask_button": "Ask",
        "ask_photo_button": "Ask with the photo",
        "answer": "Answer",
        "refused": "No answer in your documents",
        "evidence": "Where this comes from",
        "evidence_refused": "What came nearest",
        "cite": "Source {n}: {title}, page {page}",
        "unsupported": "no source supports this sentence",
        "generator": "Answered by {name}",
        "search_instead": "See all search results",
        "open_page": "Open the page",
        "empty_title": "Nothing is indexed yet",
        "empty_lead": "Add some documents or photos, then ask about them.",
        "photo_summary": "Add a photo",
        "photo_choose": "Choose a photo",
        "photo_hint": "or drop it here, or paste it",
        "photo_box_hint": "Drag on the photo to search by a part of it.",
        "photo_box_keys": (
            "Photo to search by. Enter marks a part, arrow keys move it, "
            "Shift and arrow keys resize it, Delete removes it."
        ),
        "photo_clear_box": "Use the whole photo",
        "photo_remove": "Remove",
        "photo_no_preview": "This format has no preview here, but can be searched by.",
        "search_title": "Search",
        "search_label": "Words to find",
        "search_placeholder": "Words, an exact number, or what a picture shows",
        "search_button": "Search",
        "search_photo_button": "Search with the photo",
        "tab_all": "All",
        "tab_chunk": "Passages",
        "tab_crop": "Pictures",
        "tabs": "Kind of result",
        "results": "Results",
        "results_count": "{n} result|{n} results",
        "no_results": "Nothing was found.",
        "no_results_hint": "Try other words, or fewer of them.",
        "weak": "Nothing matches well. These came nearest.",
        "more": "Show more",
        "rankings": "Why this result",
        "ranking_rank": "no. {rank}",
        "similar": "Similar",
        "similar_title": "Find similar pictures",
        "similar_lead": "Give a photo and see pictures that look like it, or like a part of it.",
        "similar_to": "Pictures like this one",
        "similar_text": "Words to add (optional)",
        "similar_placeholder": "like this, but green",
        "similar_button": "Find similar",
        "similar_source": "The picture you started from",
        "similar_other": "Use another photo",
        "documents_title": "Documents",
        "documents_none": "This collection has no documents.",
        "failed_title": "{n} file could not be read|{n} files could not be read",
        "failed_file": "File",
        "failed_cause": "Cause",
        "failed_remedy": "What to do",
        "previous": "Previous",
        "next": "Next",
        "previous_page": "Previous page",
        "next_page": "Next page",
        "of_pages": "of {n}",
        "go": "Go",
        "page_number": "Page number",
        "range": "{first}–{last} of {total}",
        "download": "Download the original",
        "page_text": "Text of this page",
        "page_empty": "This page has no text.",
        "page_pictures": "Parts you can search by",
        "outlined": "The outlined region is the one you came for.",
        "warnings": "Notes from reading this file",
        "upload_title": "Add files",
        "upload_lead": (
            "Documents, scans, web pages, plain text and photos, up to {size} at a time."
        ),
        "upload_files": "Choose files",
        "upload_drop": "or drop them here",
        "upload_new": "New collection",
        "upload_new_hint": "leave empty to use the one chosen above",
        "upload_name": "Name of the collection",
        "upload_button": "Add",
        "upload_done": (
            "{n} file was added to “{collection}”|{n} files were added to “{collection}”"
        ),
        "upload_failed": "{n} file was not added|{n} files were not added",
        "upload_ok": "added",
        "upload_ask": "Ask about them",
        "upload_default": "uploads",
        "status_title": "Status",
        "status_models": "Models in use",
        "status_role": "Role",
        "status_model": "Model",
        "status_ok": "Every file could be read.",
        "role_clip": "Pictures",
        "role_text": "Passages",
        "role_reranker": "Reranking",
        "role_generator": "Answers",
        "role_ocr": "Text in scans",
        "none": "none",
        "error_400": "That request cannot be carried out",
        "error_401": "A password is needed",
        "error_403": "Not allowed",
        "error_404": "Not found",
        "error_409": "The index does not fit these models",
        "error_413": "That is too large",
        "error_415": "This kind of file is not supported",
        "error_421": "Wrong address",
        "error_422": "This file could not be read",
        "error_503": "Not available right now",
        "error_other": "Something went wrong",
        "error_back": "Back to the start",
    },
    "ru": {
        "ocr": "распознано, уверенность {percent} %",
        "duplicates": "ещё {n} такая же|ещё {n} такие же|ещё {n} таких же",
        "copies": "{n} такой же файл|{n} таких же файла|{n} таких же файлов",
        "job_running": "Индексируется {collection}",
        "job_stalled": "Индексация {collection} оборвалась: запустите её снова",
        "job_files": "{done} из {total} файлов",
        "job_waiting": "{n} файл ещё не ищется|{n} файла ещё не ищутся|{n} файлов ещё не ищутся",
        "job_eta": "осталось около {minutes} мин",
        "fact_author": "Автор",
        "fact_from": "От кого",
        "fact_to": "Кому",
        "fact_date": "Дата",
        "fact_date_taken": "Снято",
        "fact_place": "Место",
        "fact_camera": "Камера",
        "fact_keywords": "Ключевые слова",
        "skip": "К содержанию",
        "menu": "Главное меню",
        "nav_ask": "Вопрос",
        "nav_search": "Поиск",
        "nav_similar": "Фото",
        "nav_documents": "Документы",
        "nav_status": "Состояние",
        "nav_upload": "Добавить файлы",
        "theme": "Светлая или тёмная тема",
        "working": "Выполняется…",
        "working_ask": "Читаю ваши документы…",
        "working_search": "Ищу…",
        "working_upload": "Файлы читаются и индексируются. С большими это долго…",
        "network_error": "Сервер не ответил. Он ещё работает?",
        "all_collections": "Все коллекции",
        "collection": "Коллекция",
        "collections": "Коллекции",
        "documents_count": "{n} документ|{n} документа|{n} документов",
        "chunks_count": "{n} отрывок|{n} отрывка|{n} отрывков",
        "crops_count": "{n} область картинок|{n} области картинок|{n} областей картинок",
        "pages_count": "{n} страница|{n} страницы|{n} страниц",
        "page": "стр. {n}",
        "page_title": "Страница {n}",
        "photo": "фото",
        "page_alt": "Страница {n}, {title}",
        "photo_alt": "Фото: {title}",
        "region_alt": "Область: {title}",
        "ask_title": "Спросите свои документы",
        "ask_lead": "Каждое предложение ответа показывает место, откуда оно взято.",
        "ask_label": "Ваш вопрос",
        "ask_placeholder": "Что вы хотите узнать?",
        "ask_button": "Спросить",
        "ask_photo_button": "Спросить с фото",
        "answer": "Ответ",
        "refused": "В документах нет ответа",
        "evidence": "Откуда это",
        "evidence_refused": "Что нашлось ближе всего",
        "cite": "Источник {n}: {title}, стр. {page}",
        "unsupported": "это предложение не подтверждено источником",
        "generator": "Отвечает {name}",
        "search_instead": "Все результаты поиска",
        "open_page": "Открыть страницу",
        "empty_title": "Пока ничего не проиндексировано",
        "empty_lead": "Добавьте документы или фотографии и задайте вопрос.",
        "photo_summary": "Добавить фото",
        "photo_choose": "Выберите фото",
        "photo_hint": "или перетащите его сюда, или вставьте",
        "photo_box_hint": "Обведите часть фото, чтобы искать по ней.",
        "photo_box_keys": (
            "Фото для поиска. Enter выделяет часть, стрелки двигают её, "
            "Shift и стрелки меняют размер, Delete убирает."
        ),
        "photo_clear_box": "Всё фото",
        "photo_remove": "Убрать",
        "photo_no_preview": "Этот формат здесь не показать, но искать по нему можно.",
        "search_title": "Поиск",
        "search_label": "Что найти",
        "search_placeholder": "Слова, точный номер или то, что на картинке",
        "search_button": "Найти",
        "search_photo_button": "Искать с фото",
        "tab_all": "Всё",
        "tab_chunk": "Отрывки",
        "tab_crop": "Картинки",
        "tabs": "Вид результатов",
        "results": "Результаты",
        "results_count": "{n} результат|{n} результата|{n} результатов",
        "no_results": "Ничего не нашлось.",
        "no_results_hint": "Попробуйте другие слова или меньше слов.",
        "weak": "Точных совпадений нет. Вот что ближе всего.",
        "more": "Показать ещё",
        "rankings": "Почему найдено",
        "ranking_rank": "№ {rank}",
        "similar": "Похожие",
        "similar_title": "Поиск похожих картинок",
        "similar_lead": "Дайте фото, и найдутся картинки, похожие на него или на его часть.",
        "similar_to": "Картинки, похожие на эту",
        "similar_text": "Добавить слова (необязательно)",
        "similar_placeholder": "такое же, но зелёное",
        "similar_button": "Найти похожие",
        "similar_source": "Картинка, с которой вы начали",
        "similar_other": "Взять другое фото",
        "documents_title": "Документы",
        "documents_none": "В этой коллекции нет документов.",
        "failed_title": (
            "Не удалось прочитать {n} файл|Не удалось прочитать {n} файла|"
            "Не удалось прочитать {n} файлов"
        ),
        "failed_file": "Файл",
        "failed_cause": "Причина",
        "failed_remedy": "Что делать",
        "previous": "Назад",
        "next": "Дальше",
        "previous_page": "Предыдущая страница",
        "next_page": "Следующая страница",
        "of_pages": "из {n}",
        "go": "Перейти",
        "page_number": "Номер страницы",
        "range": "{first}–{last} из {total}",
        "download": "Скачать оригинал",
        "page_text": "Текст страницы",
        "page_empty": "На этой странице нет текста.",
        "page_pictures": "Части, по которым можно искать",
        "outlined": "Обведена та область, к которой вы перешли.",
        "warnings": "Замечания при чтении файла",
        "upload_title": "Добавить файлы",
        "upload_lead": (
            "Документы, сканы, веб-страницы, простой текст и фотографии, до {size} за раз."
        ),
        "upload_files": "Выберите файлы",
        "upload_drop": "или перетащите их сюда",
        "upload_new": "Новая коллекция",
        "upload_new_hint": "оставьте пустым, чтобы взять выбранную выше",
        "upload_name": "Название коллекции",
        "upload_button": "Добавить",
        "upload_done": (
            "{n} файл добавлен в «{collection}»|{n} файла добавлены в «{collection}»|"
            "{n} файлов добавлены в «{collection}»"
        ),
        "upload_failed": "{n} файл не добавлен|{n} файла не добавлены|{n} файлов не добавлены",
        "upload_ok": "добавлен",
        "upload_ask": "Спросить о них",
        "upload_default": "загрузки",
        "status_title": "Состояние",
        "status_models": "Модели",
        "status_role": "Роль",
        "status_model": "Модель",
        "status_ok": "Все файлы удалось прочитать.",
        "role_clip": "Картинки",
        "role_text": "Отрывки",
        "role_reranker": "Переранжирование",
        "role_generator": "Ответы",
        "role_ocr": "Текст на сканах",
        "none": "нет",
        "error_400": "Такой запрос выполнить нельзя",
        "error_401": "Нужен пароль",
        "error_403": "Не разрешено",
        "error_404": "Не найдено",
        "error_409": "Индекс не подходит к этим моделям",
        "error_413": "Слишком много",
        "error_415": "Такие файлы не поддерживаются",
        "error_421": "Не тот адрес",
        "error_422": "Файл не удалось прочитать",
        "error_503": "Сейчас недоступно",
        "error_other": "Что-то пошло не так",
        "error_back": "В начало",
    },
}


class Texts:
    """The texts of one language: ``texts("page", n=3)``."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._texts = TEXTS[language]

    @classmethod
    def for_header(cls, accepted: LanguageAccept) -> "Texts":
        return cls(accepted.best_match(LANGUAGES, default="en") or "en")

    def __call__(self, key: str, **values: object) -> str:
        """The text with ``values`` filled in, in the plural form that ``n`` asks for.

        KeyError for an unknown key.
        """
        text = self._texts[key]
        count = values.get("n")
        if isinstance(count, int):
            if "|" in text:
                text = text.split("|")[self._form(count)]
            values["n"] = self.number(count)
        return text.format(**values)

    def get(self, key: str) -> str | None:
        return self._texts.get(key)

    def number(self, count: int) -> str:
        separator = "," if self.language == "en" else "\N{NO-BREAK SPACE}"
        return f"{count:,}".replace(",", separator)

    def size(self, count: int) -> str:
        """Bytes as people read them."""
        units = ("B", "KB", "MB", "GB") if self.language == "en" else ("Б", "КБ", "МБ", "ГБ")
        value = float(count)
        for unit in units[:-1]:
            if value < 1024:
                return f"{value:.0f} {unit}"
            value /= 1024
        return f"{value:.1f} {units[-1]}"

    def _form(self, count: int) -> int:
        """Plural form of CLDR: one/other in English, one/few/many in Russian."""
        if self.language == "en":
            return 0 if count == 1 else 1
        if count % 10 == 1 and count % 100 != 11:
            return 0
        return 1 if count % 10 in {2, 3, 4} and count % 100 not in {12, 13, 14} else 2
